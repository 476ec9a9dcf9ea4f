internal import CLinux
internal import CReceive
internal import Glibc
internal import Synchronization
internal import System

/// The thread at the door: it accepts connections, keeps each until its first head is there and is
/// one that may come in, and looks after all of them: who takes too long is closed.
///
/// @unchecked: but for what is atomic or locked, everything belongs to its own thread.
@safe final class Acceptor: @unchecked Sendable {
  private let limits: Limits
  private let counters: ServerCounters
  private let connections: ConnectionTable
  private let core: RequestHandler
  private let loop: EventLoop
  /// Nil where no connection with TLS can come.
  private let tlsServer: TLSServer?
  private let listeners: Mutex<[Listener.Shared]>
  private let epoll: CInt
  private let doorbell: Doorbell
  private let isStopping: Atomic<Bool>
  private let listens = Atomic<Bool>(true)
  private let rounds = Rounds()
  private let hasStopped = Atomic<Bool>(false)
  private let ended = Monitor()
  private var hasEnded = false
  /// Given up for a moment where there is no other descriptor to accept a connection with.
  private var reserve: CInt
  private var head: [UInt8]
  private var isAccepting = true
  private var acceptsAgain: MonotonicTime?
  private var lastSweep = MonotonicTime(sinceBoot: .zero)
  private var nextSweep = MonotonicTime(sinceBoot: .zero)

  /// Between two looks at connections of which something is awaited.
  private static let sweepInterval = Duration.seconds(1)

  private static let doorbellTag: UInt64 = 1 << 40
  private static let listenerTag: UInt64 = 2 << 40
  private static let connectionTag: UInt64 = 3 << 40

  init(
    _ core: RequestHandler, _ loop: EventLoop, tls tlsServer: TLSServer?
  ) throws(Errno) {
    self.core = core
    limits = core.limits
    counters = core.counters
    connections = core.connections
    self.loop = loop
    self.tlsServer = tlsServer
    doorbell = core.doorbell
    listeners = Mutex([])
    isStopping = Atomic(false)
    epoll = CInt(try valueOrErrno { Int(epoll_create1(O_CLOEXEC)) })
    reserve = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    // One byte more than a head may have shows that it has more.
    head = [UInt8](repeating: 0, count: limits.headBytes)
    watch(doorbell.descriptor, epoll_input, Self.doorbellTag)
  }

  deinit {
    close(epoll)
    if reserve >= 0 { close(reserve) }
  }

  func start() throws(Errno) { try startThread("acceptor") { self.run() } }

  func add(_ listener: Listener.Shared) {
    listeners.withLock { $0.append(listener) }
    watch(listener.descriptor, epoll_input, Self.listenerTag | UInt64(listener.descriptor))
  }

  /// Accepts no more from now on. It returns when no newcomer is in between any more, if that is soon.
  func stopAccepting(until end: MonotonicTime) {
    isStopping.store(true, ordering: .relaxed)
    doorbell.wake()
    comesTrue(by: end) { !listens.load(ordering: .acquiring) }
  }

  /// Whether the thread comes round, and so gets every lane's lock, by then.
  func comesRound(until end: MonotonicTime) -> Bool {
    rounds.goOn(until: end) { doorbell.wake() }
  }

  /// Ends the thread, which is never held up, and waits for its end.
  func stop() {
    hasStopped.store(true, ordering: .relaxed)
    doorbell.wake()
    ended.lock()
    while !hasEnded { ended.wait() }
    ended.unlock()
  }

  // MARK: Its own thread

  private func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    while !hasStopped.load(ordering: .relaxed) {
      let count = unsafe epoll_wait(epoll, &events, CInt(events.count), timeout())
      doorbell.stayAwake()
      for event in events.prefix(max(0, Int(count))) { take(event.data) }
      lookAfter()
      rounds.comeRound()
    }
    defer {
      ended.lock()
      hasEnded = true
      ended.broadcast()
      ended.unlock()
    }
    if isAccepting { stopListening() }
    for connection in connections.all
    where connection.phase == .gate || connection.phase == .refused {
      discard(connection)
    }
  }

  /// How long nothing has to be looked after, in milliseconds; −1 for until something happens.
  private func timeout() -> CInt {
    guard doorbell.sleep(), !core.isBusy, acceptsAgain == nil,
      !isStopping.load(ordering: .relaxed)
    else {
      doorbell.stayAwake()
      return CInt(Doorbell.delay.wholeNanoseconds / 1_000_000)
    }
    guard !connections.isEmpty else { return -1 }
    let wait = nextSweep - .now
    return CInt(clamping: wait.wholeNanoseconds / 1_000_000 + 1)
  }

  private func take(_ tag: UInt64) {
    let descriptor = CInt(truncatingIfNeeded: tag & 0xffff_ffff)
    switch tag & ~0xffff_ffff {
    case Self.doorbellTag:
      doorbell.silence()
    case Self.listenerTag: accept(descriptor)
    default:
      guard let connection = connections.connection(descriptor) else { return }
      switch connection.phase {
      case .gate: look(at: connection)
      case .refused: drain(connection)
      // The event was for one whose descriptor was closed since, and is another's now: the library's.
      case .head, .working, .answering, .idle: break
      }
    }
  }

  private func lookAfter() {
    let now = MonotonicTime.now
    core.checkLanes(at: now)
    loop.check(at: now)
    if isAccepting, isStopping.load(ordering: .relaxed) { stopListening() }
    if let again = acceptsAgain, now >= again {
      acceptsAgain = nil
      if isAccepting { eachListener { watchAgain($0, epoll_input) } }
    }
    // What rang may have been a connection that only waited.
    if doorbell.takeRing() { nextSweep = min(nextSweep, lastSweep + Self.sweepInterval) }
    if now >= nextSweep { sweep(now) }
  }

  private func eachListener(_ body: (CInt) -> Void) {
    for listener in listeners.withLock({ $0 }) { body(listener.descriptor) }
  }

  private func stopListening() {
    isAccepting = false
    eachListener { descriptor in _ = epoll_ctl(epoll, CInt(epoll_delete), descriptor, nil) }
    listeners.withLock { $0 = [] }
    listens.store(false, ordering: .releasing)
  }

  // MARK: New connections

  private func accept(_ listener: CInt) {
    guard isAccepting else { return }
    for _ in 0..<64 {
      var name = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
      let descriptor = unsafe accept4(listener, &name, &length, flags)
      if descriptor >= 0 {
        admit(Connection(descriptor, Peer(name), at: .now))
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        refuseForDescriptors(listener)
        return
      default: return
      }
    }
  }

  /// One connection is taken with the descriptor kept for this and closed, so that its client does
  /// not wait; then nothing is accepted for a moment, since the kernel would only say the same.
  private func refuseForDescriptors(_ listener: CInt) {
    if reserve >= 0 { close(reserve) }
    let descriptor = accept4(listener, nil, nil, CInt(SOCK_CLOEXEC.rawValue))
    if descriptor >= 0 { close(descriptor) }
    reserve = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    counters.count(.descriptors)
    if let oldest = connections.all.filter({ $0.mayGiveWay(at: .now) }).min(by: {
      $0.since < $1.since
    }) {
      giveWay(oldest)
    }
    eachListener { watchAgain($0, 0) }
    acceptsAgain = .now + .milliseconds(100)
  }

  private func admit(_ connection: Connection) {
    switch connections.admit(connection) {
    case .taken: break
    case .instead(let oldest): giveWay(oldest)
    case .refused(let reason):
      counters.count(reason)
      close(connection.descriptor)
      return
    }
    counters.connectionOpened()
    connection.tls = tlsServer == nil ? nil : core.policy.now.tls
    setOptions(connection.descriptor)
    let soon = connection.accepted + Self.sweepInterval
    if nextSweep > soon || nextSweep < connection.accepted { nextSweep = soon }
    look(at: connection)
  }

  private func giveWay(_ connection: Connection) {
    switch connection.phase {
    case .gate, .refused: discard(connection)
    default: connections.shutDown(connection)
    }
  }

  /// So that what a client does not read holds little of the kernel's memory, and who is gone is
  /// found out.
  private func setOptions(_ descriptor: CInt) {
    func set(_ level: CInt, _ name: CInt, _ value: CInt) {
      var value = value
      unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }
    set(SOL_SOCKET, SO_SNDBUF, 64 << 10)
    set(SOL_SOCKET, SO_RCVBUF, 32 << 10)
    set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(
      CInt(IPPROTO_TCP), TCP_USER_TIMEOUT,
      CInt(clamping: limits.answerTime.components.seconds * 1000))
  }

  // MARK: The gate

  /// Looks at what has come of a first head, without taking it.
  private func look(at connection: Connection) {
    let count = unsafe head.withUnsafeMutableBytes {
      unsafe receive(
        connection.descriptor, $0.baseAddress, $0.count,
        CInt(MSG_PEEK | MSG_DONTWAIT))
    }
    guard count > 0 else {
      if count == 0 || (errno != EAGAIN && errno != EINTR) {
        discard(connection)
      } else {
        wait(for: connection)
      }
      return
    }
    guard connection.tls == nil else {
      lookAtHandshake(connection)
      return
    }
    switch HeadCheck(head.span.extracting(0..<count), limits: limits) {
    case .incomplete: connection.isHalfClosed ? discard(connection) : wait(for: connection)
    case .whole(let head): letIn(connection, head)
    case .refused(let refusal): refuse(connection, refusal)
    }
  }

  /// A handshake begins with a record of that kind (RFC 8446, section 5.1). Who speaks HTTP is told why
  /// it is refused; whatever else is not answered.
  private func lookAtHandshake(_ connection: Connection) {
    switch head[0] {
    case 0x16: letIn(connection, nil)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      refuse(connection, .bad("this server speaks TLS: use https://"))
    default: discard(connection)
    }
  }

  private func wait(for connection: Connection) {
    guard !connection.isWatched else { return }
    connection.isWatched = true
    watch(
      connection.descriptor, epoll_input | epoll_half_closed | epoll_edge,
      Self.connectionTag | UInt64(connection.descriptor))
  }

  /// - Parameter head: nil where it comes within TLS.
  private func letIn(_ connection: Connection, _ head: CheckedHead?) {
    unwatch(connection)
    if let head {
      let reader = SocketReader(connection, head, limits, counters, doorbell)
      connection.reader = reader
      reader.watch()
    }
    connection.enter(.head, at: .now)
    let server: any ConnectionServer = connection.tls == nil ? loop : tlsServer!
    connection.server = server
    server.add(connection)
  }

  /// Sends a refusal and waits for the client to read it.
  private func refuse(_ connection: Connection, _ refusal: Refusal) {
    counters.count(refusal.status)
    refusal.send(to: connection.descriptor)
    connection.enter(.refused, at: .now)
    wait(for: connection)
    drain(connection)
  }

  /// Closing at once, with bytes unread, would take the answer away from the client.
  private func drain(_ connection: Connection) {
    for _ in 0..<16 {
      let count = unsafe head.withUnsafeMutableBytes {
        unsafe receive(connection.descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else { break }
    }
    discard(connection)
  }

  /// Closes a connection that the library has never had.
  private func discard(_ connection: Connection) {
    unwatch(connection)
    connections.remove(connection)
    close(connection.descriptor)
  }

  // MARK: Time

  private func sweep(_ now: MonotonicTime) {
    for connection in connections.all {
      let age = now - connection.since
      switch connection.phase {
      case .gate:
        if age >= limits.headTime {
          counters.count(.head)
          refuse(connection, Refusal(408, "no whole head within \(limits.headTime.spelled)"))
        }
      case .refused: if age >= .seconds(2) { discard(connection) }
      case .head: if age >= limits.headTime { connections.shutDown(connection, .head) }
      case .answering: if age >= limits.answerTime { connections.shutDown(connection, .answer) }
      case .idle:
        if age >= limits.idleTime {
          connections.shutDown(connection, .idle)
        } else {
          lookAtIdle(connection, now)
        }
      case .working: break
      }
    }
    lastSweep = now
    let next = connections.all.map { nextLook(at: $0, now) }.min() ?? now
    nextSweep = max(next, now + Self.sweepInterval)
  }

  /// One that only waits for its next request rings when that begins, but for what TLS hides.
  private func nextLook(at connection: Connection, _ now: MonotonicTime) -> MonotonicTime {
    guard connection.phase == .idle, connection.tls == nil else { return now }
    return connection.since + limits.idleTime
  }

  /// A client that has said its last goes; one that has begun to send a head is given the time of one:
  /// within TLS that is seen by its bytes alone.
  private func lookAtIdle(_ connection: Connection, _ now: MonotonicTime) {
    guard !connection.isHalfClosed else {
      connections.shutDown(connection)
      return
    }
    guard connection.tls != nil, connection.peer.hasLimit else { return }
    let bytes = tcp_bytes_received(connection.descriptor)
    let before = connection.bytesWhenIdle.exchange(bytes, ordering: .relaxed)
    if before >= 0, bytes > before, connection.phase == .idle { connection.enter(.head, at: now) }
  }

  // MARK: epoll

  private func watch(_ descriptor: CInt, _ events: UInt32, _ tag: UInt64) {
    var event = epoll_event(events: events, data: tag)
    _ = unsafe epoll_ctl(epoll, CInt(epoll_add), descriptor, &event)
  }

  private func watchAgain(_ listener: CInt, _ events: UInt32) {
    var event = epoll_event(
      events: events, data: Self.listenerTag | UInt64(listener))
    _ = unsafe epoll_ctl(epoll, CInt(epoll_modify), listener, &event)
  }

  private func unwatch(_ connection: Connection) {
    guard connection.isWatched else { return }
    connection.isWatched = false
    _ = epoll_ctl(epoll, CInt(epoll_delete), connection.descriptor, nil)
  }
}
