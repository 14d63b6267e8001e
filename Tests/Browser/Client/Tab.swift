// One tab: opens files, runs scripts in the page, waits, and notes what a page of ours must never do.

import Formats
import Foundation

/// What a page did not do that a test waited for.
struct PageFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A tab with storage of its own.
@Browsing final class Tab {
    /// What is wrong with the page by itself: console messages, exceptions, requests.
    private(set) var complaints: [String] = []
    /// The files that were opened: what may be asked for.
    private var opened: Set<String> = ["about:blank"]
    private var loads = 0
    /// How long an answer is waited for.
    var patience: Duration {
        get { browser.devTools.patience }
        set { browser.devTools.patience = newValue }
    }
    private let browser: Browser
    private let context: String
    private let session: String

    init(in browser: Browser) throws {
        self.browser = browser
        let tools = browser.devTools
        context = try tools.call("Target.createBrowserContext").text("browserContextId")
        let target = try tools.call(
            "Target.createTarget", ["url": "about:blank", "browserContextId": .string(context)]
        ).text("targetId")
        session = try tools.call(
            "Target.attachToTarget", ["targetId": .string(target), "flatten": true]
        ).text("sessionId")
        browser.connect(session, to: self)
        for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
        // A worker waits until it is watched too.
        try call(
            "Target.setAutoAttach",
            ["autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true])
        try resize(width: 1280)
    }

    func close() throws {
        _ = try browser.devTools.call(
            "Target.disposeBrowserContext", ["browserContextId": .string(context)])
    }

    /// Sends a command about this tab.
    @discardableResult
    func call(_ method: String, _ parameters: JSON = [:]) throws -> JSON {
        try browser.devTools.call(method, parameters, session: session)
    }

    /// Sends the browser a command about the storage that this tab has for itself.
    func askBrowser(_ method: String, _ parameters: [String: JSON]) throws {
        let parameters = parameters.merging(["browserContextId": .string(context)]) { $1 }
        _ = try browser.devTools.call(method, .object(parameters))
    }

    /// Opens a file and waits until it is loaded; `hash` is the part of its address after `#`.
    func open(_ file: URL, hash: String? = nil) throws {
        opened.insert(file.absoluteString)
        let before = loads
        let address = file.absoluteString + (hash.map { "#\($0)" } ?? "")
        let answer = try call("Page.navigate", ["url": .string(address)])
        if let error = answer["errorText"]?.string { throw PageFault("\(address): \(error)") }
        try wait("\(file.lastPathComponent) is loaded") { loads > before }
    }

    /// Runs a script before those of each page that is opened from now on.
    func prepare(_ script: String) throws {
        try call("Page.addScriptToEvaluateOnNewDocument", ["source": .string(script)])
    }

    /// The value of an expression in the page, after it was awaited where it is a promise; `null` for
    /// what is not defined.
    @discardableResult
    func evaluate(_ script: String) throws -> JSON {
        let answer = try call(
            "Runtime.evaluate",
            ["expression": .string(script), "returnByValue": true, "awaitPromise": true])
        if let exception = answer["exceptionDetails"] {
            let words = exception["exception"]?["description"]?.string ?? exception.canonical
            throw PageFault("\(script.prefix(200)): \(words)")
        }
        let result = answer["result"] ?? [:]
        if let odd = result["unserializableValue"]?.string {
            throw PageFault("\(script.prefix(200)): \(odd) has no place in JSON")
        }
        return result["value"] ?? .null
    }

    /// The value of an expression that must be a list of texts.
    func texts(_ script: String) throws -> [String] { try list(script, \.string) }

    /// The value of an expression that must be a list of whole numbers.
    func numbers(_ script: String) throws -> [Int] { try list(script, \.int) }

    private func list<T>(_ script: String, _ item: (JSON) -> T?) throws -> [T] {
        let value = try evaluate(script)
        let items = (value.array ?? []).compactMap(item)
        guard items.count == value.array?.count else {
            throw PageFault("\(script.prefix(200)): \(value.canonical.prefix(200)) is no such list")
        }
        return items
    }

    /// Waits until an expression in the page is true.
    func wait(_ what: String, for script: String) throws {
        var last = JSON.null
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            last = try evaluate(script)
            if last == true { return }
            try pause(.milliseconds(20))
        }
        throw PageFault("\(what): not within \(patience); \(script) is \(last.canonical)")
    }

    /// Lets the page work and notes what it does, for so long.
    func pause(_ time: Duration) throws {
        _ = try browser.devTools.takeEvents(until: .now + time) { false }
    }

    private func wait(_ what: String, _ isSo: () throws -> Bool) throws {
        guard try browser.devTools.takeEvents(until: .now + patience, isSo) else {
            throw PageFault("\(what): not within \(patience)")
        }
    }

    /// Waits until the page has taken what it has been told, and its messages are here.
    func settle() throws {
        try evaluate("null")
        try pause(.milliseconds(1))
    }
}

extension Tab {
    /// Notes an event of the page or of one of its workers.
    func take(_ method: String, _ event: JSON, from source: String) {
        switch method {
        case "Page.loadEventFired": loads += 1
        case "Runtime.consoleAPICalled":
            let words = (event["args"]?.array ?? []).map { argument in
                argument["value"]?.canonical ?? argument["description"]?.string ?? "?"
            }
            complain("console.\(event["type"]?.string ?? "?")", words.joined(separator: " "))
        case "Runtime.exceptionThrown":
            let details = event["exceptionDetails"]
            complain(
                "exception",
                details?["exception"]?["description"]?.string ?? details?["text"]?.string ?? "?")
        case "Log.entryAdded":
            complain("log", event["entry"]?["text"]?.string ?? event.canonical)
        case "Network.requestWillBeSent":
            let address = event["request"]?["url"]?.string ?? "?"
            let isInside = address.hasPrefix("blob:") || address.hasPrefix("data:")
            if !isInside, !opened.contains(address) { complain("request", address) }
        case "Page.javascriptDialogOpening":
            complain("dialog", event["message"]?.string ?? "?")
            try? post("Page.handleJavaScriptDialog", ["accept": true], to: source)
        case "Inspector.targetCrashed": complain("the page", "crashed")
        case "Target.attachedToTarget":
            guard let worker = event["sessionId"]?.string else { return }
            browser.connect(worker, to: self)
            for command in ["Runtime.enable", "Network.enable", "Runtime.runIfWaitingForDebugger"] {
                try? post(command, [:], to: worker)
            }
        default: break
        }
    }

    private func complain(_ kind: String, _ words: String) {
        complaints.append("\(kind): \(words.prefix(500))")
    }

    private func post(_ method: String, _ parameters: JSON, to session: String) throws {
        try browser.devTools.post(method, parameters, session: session)
    }
}

extension JSON {
    /// A member that is a string.
    fileprivate func text(_ key: String) throws -> String {
        guard let text = self[key]?.string else {
            throw BrowserFault("the browser's answer has no \(key): \(canonical)")
        }
        return text
    }
}
