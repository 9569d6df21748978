# Builds what `make dist` builds, in Debian with Swift, and leaves an image that holds nothing but the executable.
#
#   docker build --tag tapedeck .
#   docker run --rm --publish 3000:3000 --volume "$PWD:/tapes" tapedeck serve --host 0.0.0.0 --tape /tapes/tapedeck.tape --inspect-token TOKEN
#   docker build --target tarball --output dist .        # the tarball and its checksum
FROM swift:6.3-bookworm AS build
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends git libsqlite3-dev make python3 zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN ./scripts/dist.sh && mkdir -p /empty/tmp /empty/tapes && cp -r dist/tapedeck-*-linux-*/bin /empty/

FROM scratch AS tarball
COPY --from=build /source/dist/*.tar.gz /source/dist/*.sha256 /

FROM scratch
COPY --from=build /empty /
WORKDIR /tapes
EXPOSE 3000
# signals arrive where they should: the executable is the first process and drains on SIGTERM
ENTRYPOINT ["/bin/tapedeck"]
CMD ["--help"]
