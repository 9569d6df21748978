extension EngineOptions {
    /// Cross-origin resource sharing: what pages of other origins may read (rows F1 to F5 of the behaviour notes). It refuses no request.
    public struct CORS: Sendable {
        /// Whose pages may read.
        public enum Origins: Sendable {
            /// No headers: pages of other origins cannot use polling.
            case none
            /// `*`: any page, without cookies.
            case any
            /// These, such as `https://example.com`.
            case some(Set<String>)
            /// Those for which the function returns true.
            case matching(@Sendable (String) -> Bool)
        }

        /// Whose pages may read.
        public var origins: Origins
        /// Whether cookies and other credentials may be sent along.
        public var credentials = false
        /// Methods that pages may use.
        public var methods = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]
        /// Header fields that pages may send; what a preflight asks for if nil.
        public var allowedHeaders: [String]?
        /// Header fields of answers that pages may read.
        public var exposedHeaders: [String] = []
        /// Seconds that a browser may remember a preflight.
        public var maxAge: Int?
        /// Status of the answer to a preflight; some old browsers stumble over 204.
        public var optionsSuccessStatus = 204

        public init(_ origins: Origins, credentials: Bool = false) {
            self.origins = origins
            self.credentials = credentials
        }

        /// No headers at all.
        public static var disabled: CORS { CORS(.none) }
        /// Pages of any origin, without cookies.
        public static var any: CORS { CORS(.any) }

        /// Pages of these origins.
        public static func origins(_ origins: [String], credentials: Bool = false) -> CORS {
            CORS(.some(Set(origins)), credentials: credentials)
        }

        var isDisabled: Bool { if case .none = origins { true } else { false } }
    }
}
