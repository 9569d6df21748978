import Foundation
import NIOSSL
import TestSupport
import Testing

/// A certificate for localhost that is good for a day, and a client that does not mind who signed it.
enum TestCertificate {
    static func make() async throws -> (certificate: NIOSSLCertificate, key: NIOSSLPrivateKey) {
        let folder = try TestPlaces.temporaryFolder()
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        let made = try ChildProcess(
            URL(filePath: "/usr/bin/openssl"),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                "-days", "1", "-subj", "/CN=localhost",
            ])
        #expect(try await made.exitStatus() == 0)
        let first = try #require(NIOSSLCertificate.fromPEMFile(certificate).first)
        return (first, try NIOSSLPrivateKey(file: key, format: .pem))
    }

    /// - Parameter allowingTimeout: a WebSocket stays open, so curl ends by its own limit (28).
    static func curl(_ arguments: String..., allowingTimeout: Bool = false) async throws -> String {
        let curl = try ChildProcess(URL(filePath: "/usr/bin/curl"), ["--silent", "--insecure", "--max-time", "20"] + arguments)
        let status = try await curl.exitStatus()
        #expect(status == 0 || allowingTimeout && status == 28, "\(curl.errors)")
        return curl.output
    }
}
