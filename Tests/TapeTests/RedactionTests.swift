import NIOCore
import Testing

@testable import Tape

@Suite("Redaction")
struct RedactionTests {
    private func redactor(_ rules: String..., key: String = "key") throws -> Redactor {
        try #require(Redactor(Redaction(adding: rules, key: Array(key.utf8))))
    }

    private func redacted(_ text: String, event: String? = nil, by redactor: Redactor) -> String {
        guard let clean = redactor.redacted(ByteBuffer(string: text), [], event: event) else { return text }
        return String(buffer: clean.payload ?? ByteBuffer())
    }

    @Test("hashes with HMAC-SHA-256, as its vectors say")
    func vectors() {
        func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        #expect(hex(SHA256.hash(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            hex(SHA256.hash(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        // RFC 4231, cases 2 and 6
        #expect(
            hex(SHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hex(
                SHA256.authenticate(
                    Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: [UInt8](repeating: 0xaa, count: 131)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test(
        "takes out what is named like a secret, whatever shape it has",
        arguments: [
            #"["e",{"password":"SECRET"}]"#, #"["e",{"a":[{"newPassword2":"SECRET"}]}]"#, #"["e",{ "access_token" : "SECRET" , "b":1}]"#,
            #"["e",{"pass\u0077ord":"SECRET"}]"#, #"["e",{"client_secret":["SECRET",{"x":"SECRET"}]}]"#,
            #"["e","{\"token\":\"SECRET\"}"]"#, #"["e","[{\"a\":\"{\\\"token\\\":\\\"SECRET\\\"}\"}]"]"#,
            #"["e",{"url":"https://x/?a=1&token=SECRET&b=2"}]"#, #"["e","https://ann:SECRET@host/"]"#,
            #"["e",{"X-Api-Key":"SECRET","Authorization":"Bearer SECRET","cookies":{"sid":"SECRET"}}]"#,
            #"["e",{"password":"SECRET"#, #"["e",{"password":["a","SECRET"#,
        ])
    func names(_ payload: String) throws {
        let redactor = try redactor()
        let clean = redacted(payload.replacing("SECRET", with: "hunter2!"), by: redactor)
        #expect(!clean.contains("hunter2"))
        #expect(clean.contains("redacted-"))
        #expect(redacted(clean, by: redactor).utf8.count == clean.utf8.count)
    }

    @Test(
        "leaves the rest as it was, byte by byte",
        arguments: [
            #"["e",{"name":"Ann","n":1e3,"passenger":"x","tokenize":"y","secretary":"z"}]"#, #"["password","token=abc"]"#,
            #"["e",{"password":null,"token":true,"secret":"","pwd":[]}]"#, #"["e","\u00e9\n{\"a\":1}","a?b=c"]"#, "[]", "", "{}",
            #"{"sid":"x"}"#, #"["e",{"_placeholder":true,"num":0}]"#,
        ])
    func others(_ payload: String) throws {
        #expect(redacted(payload, by: try redactor()) == payload)
    }

    @Test("keeps equal secrets equal, however they are written, and different ones different; another key gives other hashes")
    func joinable() throws {
        let redactor = try redactor()
        let forms = [
            #"{"token":"a/b c"}"#, #"{"x":{"apiToken":"a\/b\u0020c"}}"#, #"["{\"token\":\"a/b c\"}"]"#, #"["http://x/?token=a%2Fb+c"]"#,
        ]
        let hashes = forms.map { RedactedValue.hashes(in: redacted($0, by: redactor)) }
        #expect(Set(hashes).count == 1 && hashes[0].count == 1)
        let headers = redactor.redacted(
            TapeConnection(
                number: 1, sid: "s", engineProtocol: 4, transport: "polling", remoteAddress: nil, url: "/socket.io/?EIO=4&token=a%2Fb%20c",
                headers: [("Authorization", "Bearer a/b c"), ("Cookie", "a=a/b c; b=other"), ("Referer", "http://x/?token=a/b+c")]))
        let all = [headers.url] + headers.headers.map(\.value)
        #expect(all.flatMap { RedactedValue.hashes(in: $0) }.filter { $0 == hashes[0][0] }.count == 4)
        #expect(headers.headers[0].value.hasPrefix("Bearer redacted-"))
        #expect(headers.headers[1].value.hasPrefix("a=redacted-"))
        #expect(redacted(#"{"token":"other"}"#, by: redactor) != redacted(#"{"token":"another"}"#, by: redactor))
        #expect(redacted(forms[0], by: try self.redactor(key: "other")) != redacted(forms[0], by: redactor))
    }

    @Test("replaces numbers by text and keeps the shape of what lies below a secret name")
    func shapes() throws {
        let clean = redacted(
            #"["e",{"otp":123456,"credentials":{"user":"ann","n":[1,null,true,{"k":"v"}]},"after":1}]"#, by: try redactor())
        let shape = clean.replacing(/redacted-[0-9a-f]{16}/, with: "*")
        #expect(shape == #"["e",{"otp":"*","credentials":{"user":"*","n":["*",null,true,{"k":"*"}]},"after":1}]"#)
    }

    @Test("replaces an attachment that stands below a secret name, and secrets in attachments that are JSON")
    func attachments() throws {
        let redactor = try redactor()
        let payload = ByteBuffer(
            string: #"["e",{"token":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0},{"_placeholder":true,"num":2}]"#)
        let attachments = [#" {"password":"hunter2"}"#, "raw secret", "{ not JSON at all"].map { ByteBuffer(string: $0) }
        let clean = try #require(redactor.redacted(payload, attachments, event: "e"))
        #expect(clean.payload == payload)
        #expect(!String(buffer: clean.attachments[0]).contains("hunter2"))
        #expect(String(buffer: clean.attachments[1]).hasPrefix("redacted-"))
        #expect(String(buffer: clean.attachments[2]) == "{ not JSON at all")
    }

    @Test("takes out what the user's rules name")
    func rules() throws {
        let redactor = try redactor("ssn", "user.card", "login:$[1]", "$[0].deep[*].x", "note:pin")
        func shape(_ text: String, _ event: String?) -> String {
            redacted(text, event: event, by: redactor).replacing(/redacted-[0-9a-f]{16}/, with: "*")
        }
        #expect(
            shape(#"["a",{"SSN":"1","user":{"card":42,"name":"Ann"},"card":43}]"#, "a")
                == #"["a",{"SSN":"*","user":{"card":"*","name":"Ann"},"card":43}]"#)
        #expect(shape(#"["login","ann","hunter2"]"#, "login") == #"["login","ann","*"]"#)
        #expect(shape(#"["other","ann","hunter2"]"#, "other") == #"["other","ann","hunter2"]"#)
        #expect(shape(#"[{"deep":[{"x":1},{"x":2,"y":3}]}]"#, nil) == #"[{"deep":[{"x":"*"},{"x":"*","y":3}]}]"#)
        #expect(shape(#"{"user":{"card":"c"}}"#, nil) == #"{"user":{"card":"*"}}"#)
        #expect(shape(#"["note",{"a":[{"pin":1}]}]"#, "note") == #"["note",{"a":[{"pin":"*"}]}]"#)
        for bad in ["", "login:", "$[x]", "-"] { #expect(throws: RulePathError.self, "\(bad)") { try Redaction(adding: [bad]) } }
    }

    @Test("cleans text that nobody could decode")
    func text() throws {
        let redactor = try redactor()
        for text in [
            #"42["login",{"password":"hunter2"#, "token=hunter2", #"9{"a":{"secret":"hunter2"}}"#, "GET /?a=1&api_key=hunter2 HTTP",
        ] {
            #expect(!redactor.redacted(text: text).contains("hunter2"), "\(text)")
        }
        #expect(redactor.redacted(text: "a=b, plain text") == "a=b, plain text")
    }

    @Test("records everything when told to redact nothing")
    func nothing() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.redaction = .nothing
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1) + [packet(1, 1, .in, event: "e", #"["e",{"password":"hunter2"}]"#)])
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT data FROM packets WHERE event = 'e'") == [#"["e",{"password":"hunter2"}]"#])
    }
}
