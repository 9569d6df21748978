import Foundation
import TestSupport
import Testing

/// The inspector's page in headless Chromium, with people who talk meanwhile.
@Suite("The inspector's page")
struct InspectorPageTests {
    @Test("shows what happens in every view, takes the keyboard, survives outages, asks for the token, and runs nothing that was recorded")
    func page() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let script = TestPlaces.root.appending(path: "Tests/Clients/inspector_page.py")
        let pictures = TestPlaces.root.appending(path: "screenshots/inspector")
        let result = try await run(
            TestPlaces.python, [script.path, TestPlaces.product("tapedeck").path, folder.path, pictures.path], within: .seconds(900))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
}
