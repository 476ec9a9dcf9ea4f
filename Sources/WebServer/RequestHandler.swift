internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System
internal import TLS

/// Finds the route of a request and sees to its answer.
final class RequestHandler: Sendable {
  let limits: Limits
  let counters: ServerCounters
  let connections: ConnectionTable
  let policy: CurrentPolicy
  private let routes: [Route]
  private let lanes: [Lane]
  private let room: Room
  /// Rung when a lane gets work or a line is sent, so that somebody sees to it that it ends.
  let doorbell: Doorbell
  private let stops = Atomic<Bool>(false)
  private let draining = Draining()
  private let sender: AnswerSender
  private let verified = VerifiedPairs()
  private let failed = FailedLogins()
  private let logins: LoginQueue

  init(
    _ routes: [Route], _ policy: CurrentPolicy, limits: Limits, counters: ServerCounters,
    connections: ConnectionTable, doorbell: Doorbell
  ) {
    self.policy = policy
    self.routes = routes
    self.limits = limits
    self.counters = counters
    self.connections = connections
    self.doorbell = doorbell
    logins = LoginQueue(verified, failed, counters)
    let sender = AnswerSender(counters, policy, draining)
    self.sender = sender
    let room = Room(limit: limits.requests)
    self.room = room
    lanes = routes.map { _ in Lane(room) { sender.send($1, to: $0) } }
  }

  var isBusy: Bool { lanes.contains { $0.isBusy } }

  func checkLanes(at now: MonotonicTime) { for lane in lanes { lane.check(at: now) } }

  /// Whether a request for work would be taken.
  var isReady: Bool {
    !draining.hasBegun && !room.isFull
  }

  /// Each answer is its connection's last from now on.
  func beginDraining() { draining.begin() }

  /// Gives up on what is being answered, and takes no new request for work.
  func stop() {
    stops.store(true, ordering: .relaxed)
    logins.stop()
    for lane in lanes { lane.stop() }
  }

  // MARK: The library's calls, all on the thread that serves connections.

  /// - Parameter size: of the piece of a body that has come.
  fileprivate func call(
    _ connection: Connection, _ raw: OpaquePointer, _ url: UnsafePointer<CChar>,
    _ method: UnsafePointer<CChar>, _ size: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    guard connection.current.hasBegun else {
      connection.current.hasBegun = true
      // A head that the library has read by another way than the reader is none.
      guard let head = connection.reader?.begin() else { return .NO }
      guard head.hasBody else { return .YES }
      // Answered now, before the body: the library then closes the connection.
      let tooLarge = Plan.line("413: a request must have no body", status: 413)
      // Who has not said who it is learns no more than that.
      let refusal = unsafe policy.now.logins == nil ? refusal(url, method) : nil
      return unsafe send(refusal ?? tooLarge, connection, raw, isLast: true)
    }
    guard unsafe size.pointee == 0 else {
      unsafe size.pointee = 0
      return .NO
    }
    if let result = unsafe heldBack(connection, raw) { return result }
    if let refusal = unsafe refusal(url, method) { return unsafe send(refusal, connection, raw) }
    return unsafe answer(connection, raw, url)
  }

  /// Nil where the policy lets the request pass.
  private func heldBack(_ connection: Connection, _ raw: OpaquePointer) -> MHD_Result? {
    let policy = policy.now
    if policy.tls != nil, connection.tls == nil {
      return unsafe send(
        .line(
          "400: this server speaks TLS now: use https://", status: 400,
          headers: [("Connection", "close")]), connection, unsafe raw)
    }
    if let rate = policy.rate, !connection.current.isAdmitted {
      guard rate.allows(at: .now) else {
        return unsafe send(
          .line(
            "429: more requests than rate_limit allows", status: 429,
            headers: [("Retry-After", "1")]), connection, unsafe raw)
      }
      connection.current.isAdmitted = true
    }
    guard let logins = policy.logins else { return nil }
    return unsafe loggedIn(connection, raw, logins)
  }

  /// Nil where the client has said who it is.
  private func loggedIn(
    _ connection: Connection, _ raw: OpaquePointer, _ logins: Logins
  ) -> MHD_Result? {
    switch connection.current.login {
    case .right: return nil
    case .wrong: return unsafe send(.unauthorized, connection, raw)
    case .late: return unsafe send(tooManyLogins, connection, raw)
    case .unasked: break
    }
    guard let credentials = unsafe credentials(raw) else {
      return unsafe send(.unauthorized, connection, raw)
    }
    let attempt = logins.attempt(credentials)
    if verified.contains(attempt.digest) {
      connection.current.login = .right
      return nil
    }
    let now = MonotonicTime.now
    guard failed.mayTry(connection.peer, at: now) else {
      return unsafe send(tooManyLogins, connection, raw)
    }
    connection.enter(.working, at: now)
    let waiter = unsafe Waiter(suspending: connection, raw)
    if !self.logins.add(attempt, waiter, deadline: now + limits.requestTime) {
      connection.current.login = .late
      waiter.resume()
    }
    return .YES
  }

  private var tooManyLogins: Plan {
    counters.count(ServerCounters.LoginFailure.limit)
    return .line(
      "429: too many wrong passwords, or too many waiting to be checked", status: 429,
      headers: [("Retry-After", "1")])
  }

  /// Nil where there are none, or not in a form that could be right.
  private func credentials(_ raw: OpaquePointer) -> Credentials? {
    var value: UnsafePointer<CChar>?
    var size = 0
    let name = "Authorization"
    guard
      unsafe MHD_lookup_connection_value_n(
        raw, .HEADER_KIND, name, name.utf8.count, &value, &size) == .YES,
      let value = unsafe value
    else { return nil }
    let bytes = unsafe Span<UInt8>(
      _unsafeElements: UnsafeRawBufferPointer(start: value, count: size).bindMemory(to: UInt8.self))
    return Credentials(authorization: bytes)
  }

  /// Nil where the request is one for a route.
  private func refusal(_ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>) -> Plan? {
    guard let route = unsafe route(url) else {
      return .line("404: there is nothing here; / shows what there is", status: 404)
    }
    guard unsafe strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 else {
      return .line(
        "405: \(routes[route].path) answers GET and HEAD", status: 405,
        headers: [("Allow", "GET, HEAD")])
    }
    return nil
  }

  private func route(_ url: UnsafePointer<CChar>) -> Int? {
    let path = unsafe originForm(url)
    return routes.firstIndex { unsafe $0.path.withCString { unsafe strcmp(path, $0) == 0 } }
  }

  /// A target may name its server, too, as one for a proxy does (RFC 9112, section 3.2.2).
  private func originForm(_ url: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
    guard unsafe UInt8(bitPattern: url.pointee) != UInt8(ascii: "/") else { return unsafe url }
    for scheme in ["http://", "https://"]
    where unsafe strncasecmp(url, scheme, scheme.utf8.count) == 0 {
      return unsafe strchr(url + scheme.utf8.count, CInt(UInt8(ascii: "/"))).map {
        unsafe UnsafePointer($0)
      } ?? url
    }
    return unsafe url
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
    let deadline = MonotonicTime.now + planned.time(limits)
    counters.requestBegins()
    connection.enter(.working, at: .now)
    // First suspended, then handed over: the answer may be there at once.
    let waiter = unsafe Waiter(suspending: connection, raw)
    switch lanes[route].add(waiter, work, gzip: planned.takesGzip, deadline: deadline) {
    case .taken: doorbell.ring()
    case .full: sender.send(.full(limits.requests), to: waiter)
    case .stopping: sender.send(.stopping, to: waiter)
    case .noThread: sender.send(.timedOut, to: waiter)
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

  /// - Parameter isLast: whether the library closes the connection after this answer.
  private func send(
    _ plan: Plan, _ connection: Connection, _ raw: OpaquePointer, isLast: Bool = false
  ) -> MHD_Result {
    guard case .line(let line, let status, let headers) = plan else { return .NO }
    var body: [UInt8] = []
    let head = Head.line(line, status: status, headers: headers, into: &body)
    connection.enter(.answering, at: .now)
    guard
      let response = Response(
        head, body, isCompressed: false, isLast: draining.hasBegun, policy.now)
    else { return .NO }
    counters.count(status)
    doorbell.ring()
    // Where the next request has come already, or the end, no event will tell the library: it takes a
    // read of less than it asked for as the last. What is resumed it reads again.
    guard !isLast, connection.reader?.hasMore == true || connection.isHalfClosed else {
      return unsafe response.queue(raw)
    }
    let waiter = unsafe Waiter(suspending: connection, raw)
    defer { waiter.resume() }
    return unsafe response.queue(raw)
  }
}

extension Plan {
  /// The same for whoever sends no password, a wrong one or nobody's name.
  fileprivate static let unauthorized = Plan.line(
    "401: this server needs a user name and a password", status: 401,
    headers: [("WWW-Authenticate", "Basic realm=\"page-migration-exporter\", charset=\"UTF-8\"")])
}

// MARK: - What the library calls

func beginRequest(
  _ handler: UnsafeMutableRawPointer?, _ uri: UnsafePointer<CChar>?, _ raw: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let raw = unsafe raw, let context = unsafe context_of(raw) else { return nil }
  let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  connection.current.hasBegun = false
  connection.current.isAdmitted = false
  connection.current.login = .unasked
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
  connection.reader?.requestEnded()
}

/// A connection that the library takes over, or is about to close.
let connectionNoticed: MHD_NotifyConnectionCallback = { handler, raw, context, event in
  let core = unsafe Unmanaged<RequestHandler>.fromOpaque(handler!).takeUnretainedValue()
  switch event {
  case .CONNECTION_NOTIFY_STARTED:
    // The table holds it until it is closed.
    guard let connection = unsafe core.connections.connection(descriptor_of(raw!)) else { return }
    unsafe context!.pointee = Unmanaged.passRetained(connection).toOpaque()
    if let tls = connection.tls, let session = unsafe session_of(raw!).map({ OpaquePointer($0) }) {
      unsafe tls.prepare(session)
      let reader = unsafe SessionReader(connection, session, core.limits, core.counters)
      connection.reader = reader
      reader.watch()
    }
  case .CONNECTION_NOTIFY_CLOSED:
    guard let held = unsafe context?.pointee else { return }
    core.connections.remove(
      unsafe Unmanaged<Connection>.fromOpaque(held).takeRetainedValue())
  default: break
  }
}
