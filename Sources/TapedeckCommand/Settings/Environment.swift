import ArgumentParser
import Foundation

/// Settings from `TAPEDECK_*` environment variables, for flags that were not given.
struct Settings {
    let environment: [String: String]

    init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }

    /// The flag if it was given, else the environment's value, else nothing.
    /// - Throws: `ValidationError` that names the variable, if its value cannot be read.
    func value<Value: ExpressibleByArgument>(_ flag: Value?, _ name: String) throws -> Value? {
        if let flag { return flag }
        guard let text = environment["TAPEDECK_\(name)"], !text.isEmpty else { return nil }
        guard let value = Value(argument: text) else {
            throw ValidationError("The environment variable TAPEDECK_\(name) has the value '\(text)', which is not a valid one.")
        }
        return value
    }

    /// A repeatable flag; in the environment its values stand separated by commas.
    func list(_ flag: [String], _ name: String) -> [String] {
        guard flag.isEmpty, let text = environment["TAPEDECK_\(name)"] else { return flag }
        return text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// A flag without a value; in the environment `1`, `true` or `yes`.
    func isOn(_ flag: Bool, _ name: String) throws -> Bool {
        if flag { return true }
        switch environment["TAPEDECK_\(name)"]?.lowercased() {
        case nil, "", "0", "false", "no": return false
        case "1", "true", "yes": return true
        case let text?: throw ValidationError("The environment variable TAPEDECK_\(name) is '\(text)'; it takes true or false.")
        }
    }
}
