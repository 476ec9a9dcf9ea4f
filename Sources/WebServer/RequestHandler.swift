internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System

/// Finds the route of a request and sees to its answer.
final class RequestHandler: Sendable {
  let limits: Limits
  let counters: ServerCounters
  let connections: ConnectionTable
  private let routes: [Route]
  private let lanes: [Lane]
  /// Called when a lane gets work, so that somebody watches it.
  private let notice: @Sendable () -> Void
  private let stops = Atomic<Bool>(false)

  init(
    _ routes: [Route], limits: Limits, counters: ServerCounters, connections: ConnectionTable,
    notice: @escaping @Sendable () -> Void
  ) {
    self.routes = routes
    self.limits = limits
    self.counters = counters
    self.connections = connections
    self.notice = notice
    let sender = AnswerSender(counters)
    lanes = routes.map { _ in Lane { sender.send($1, to: $0) } }
  }

  var isBusy: Bool { lanes.contains { $0.isBusy } }

  func checkLanes(at now: MonotonicTime) { for lane in lanes { lane.check(at: now) } }

  /// Whether a request for work would be taken.
  var isReady: Bool {
    !stops.load(ordering: .relaxed)
      && (limits.requests == 0 || counters.inFlight < limits.requests)
  }

  /// Takes no new request for work.
  func beginStopping() { stops.store(true, ordering: .relaxed) }

  /// Gives up on what is being answered.
  func stop() { for lane in lanes { lane.stop() } }

  // MARK: The library's calls, all on the thread that serves connections.

  /// - Parameter size: of the piece of a body that has come.
  fileprivate func call(
    _ connection: Connection, _ raw: OpaquePointer, _ url: UnsafePointer<CChar>,
    _ method: UnsafePointer<CChar>, _ size: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    guard connection.current.hasBegun else {
      connection.current.hasBegun = true
      let facts = unsafe RequestFacts(raw)
      if let problem = facts.problem {
        return unsafe send(.line("400: \(problem)", status: 400), connection, unsafe raw)
      }
      guard facts.hasBody else { return .YES }
      // Answered now, before the body: the library then closes the connection.
      let tooLarge = Plan.line("413: no request here needs a body", status: 413)
      return unsafe send(refusal(url, method) ?? tooLarge, connection, raw)
    }
    guard unsafe size.pointee == 0 else {
      unsafe size.pointee = 0
      return .NO
    }
    if let refusal = unsafe refusal(url, method) { return unsafe send(refusal, connection, raw) }
    return unsafe answer(connection, raw, url)
  }

  /// Nil where the request is one for a route.
  private func refusal(_ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>) -> Plan? {
    guard let route = unsafe route(url) else {
      return .line("404: there is nothing here; / says what there is", status: 404)
    }
    guard unsafe strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 else {
      return .line(
        "405: \(routes[route].path) answers GET and HEAD", status: 405,
        headers: [("Allow", "GET, HEAD")])
    }
    return nil
  }

  private func route(_ url: UnsafePointer<CChar>) -> Int? {
    routes.firstIndex { unsafe $0.path.withCString { unsafe strcmp(url, $0) == 0 } }
  }

  private func answer(
    _ connection: Connection, _ raw: OpaquePointer, _ url: UnsafePointer<CChar>
  ) -> MHD_Result {
    guard let route = unsafe route(url) else { return .NO }
    let planned = unsafe planned(connection, raw, route)
    var plan = planned.plan
    if case .live(let decide) = plan { plan = decide() }
    guard case .work(let work) = plan else { return unsafe send(plan, connection, raw) }
    guard !stops.load(ordering: .relaxed) else {
      return unsafe send(.line("503: the exporter is stopping", status: 503), connection, raw)
    }
    guard counters.requestBegins() <= limits.requests || limits.requests == 0 else {
      counters.requestEnds()
      return unsafe send(
        .line(
          "503: \(limits.requests) requests are being answered already", status: 503,
          headers: [("Retry-After", "1")]), connection, unsafe raw)
    }
    let now = MonotonicTime.now
    connection.enter(.working, at: now)
    // First suspended, then handed over: the answer may be there at once.
    unsafe MHD_suspend_connection(raw)
    let waiter = unsafe Waiter(connection: connection, raw: raw)
    let lane = lanes[route]
    if lane.add(waiter, work, gzip: planned.takesGzip, deadline: now + planned.time(limits)) {
      notice()
    } else {
      AnswerSender(counters).send(.timedOut, to: waiter)
    }
    return .YES
  }

  /// A Prometheus server sends the same request each time: then nothing is read of it again.
  private func planned(
    _ connection: Connection, _ raw: OpaquePointer, _ route: Int
  ) -> PlannedRequest {
    let text = unsafe RequestText(raw)
    if let last = connection.current.last, last.route == route, text.isSame(as: last) {
      return last
    }
    let planned = PlannedRequest(text, route: route) { routes[route].plan($0) }
    connection.current.last = planned
    return planned
  }

  private func send(_ plan: Plan, _ connection: Connection, _ raw: OpaquePointer) -> MHD_Result {
    guard case .line(let line, let status, let headers) = plan else { return .NO }
    var body: [UInt8] = []
    let head = Head.line(line, status: status, headers: headers, into: &body)
    connection.enter(.answering, at: .now)
    guard let response = Response(head, body, isCompressed: false) else { return .NO }
    counters.count(status)
    return unsafe response.queue(raw)
  }
}

// MARK: - What the library calls

func beginRequest(
  _ handler: UnsafeMutableRawPointer?, _ uri: UnsafePointer<CChar>?, _ raw: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let raw = unsafe raw, let context = unsafe context_of(raw) else { return nil }
  let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  connection.current.hasBegun = false
  connection.enter(.head, at: .now)
  return unsafe context
}

let answerRequest: MHD_AccessHandlerCallback = {
  handler, raw, url, method, _, _, size, context in
  let core = unsafe Unmanaged<RequestHandler>.fromOpaque(handler!).takeUnretainedValue()
  guard let context = unsafe context?.pointee else { return .NO }
  let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  return unsafe core.call(connection, raw!, url!, method!, size!)
}

let requestCompleted: MHD_RequestCompletedCallback = { handler, raw, context, _ in
  guard let context = unsafe context?.pointee else { return }
  let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  connection.bytesWhenIdle.store(-1, ordering: .relaxed)
  connection.enter(.idle, at: .now)
}

/// A connection that the library takes over, or is about to close.
let connectionNoticed: MHD_NotifyConnectionCallback = { handler, raw, context, event in
  let core = unsafe Unmanaged<RequestHandler>.fromOpaque(handler!).takeUnretainedValue()
  switch event {
  case .CONNECTION_NOTIFY_STARTED:
    // The table holds it until it is closed.
    guard let connection = unsafe core.connections.connection(descriptor_of(raw!)) else { return }
    unsafe context!.pointee = Unmanaged.passRetained(connection).toOpaque()
  case .CONNECTION_NOTIFY_CLOSED:
    guard let held = unsafe context?.pointee else { return }
    core.connections.remove(
      unsafe Unmanaged<Connection>.fromOpaque(held).takeRetainedValue())
  default: break
  }
}
