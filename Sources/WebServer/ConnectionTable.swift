internal import Synchronization
internal import System

/// The connections that are open, and the limits on them.
final class ConnectionTable: Sendable {
  private struct State {
    var byDescriptor: [CInt: Connection] = [:]
    var perPeer: [Peer: Int] = [:]
    /// Those that were not told to close.
    var count = 0
  }

  private let limits: Limits
  private let counters: ServerCounters
  private let state = Mutex(State())

  init(_ limits: Limits, _ counters: ServerCounters) {
    self.limits = limits
    self.counters = counters
  }

  enum Admission {
    case taken
    /// Another has to be closed first.
    case instead(of: Connection)
    case refused(ServerCounters.Refusal)
  }

  /// Takes a new connection in, where need be for the oldest one that only waits for its client: of
  /// the same address where that has too many.
  func admit(_ connection: Connection) -> Admission {
    state.withLock { state in
      var (limit, others) = (ServerCounters.Refusal.limit, Peer?.none)
      if connection.peer.hasLimit,
        state.perPeer[connection.peer, default: 0] >= limits.connectionsPerAddress
      {
        (limit, others) = (.addressLimit, connection.peer)
      } else if state.count < limits.connections {
        Self.add(connection, &state)
        return .taken
      }
      let now = connection.accepted
      let oldest = state.byDescriptor.values
        .filter {
          (others == nil || $0.peer == others) && !$0.isClosing.load(ordering: .relaxed)
            && $0.mayGiveWay(at: now)
        }
        .min { $0.since < $1.since }
      guard let oldest else { return .refused(limit) }
      Self.forget(oldest, &state)
      Self.add(connection, &state)
      return .instead(of: oldest)
    }
  }

  private static func add(_ connection: Connection, _ state: inout State) {
    state.byDescriptor[connection.descriptor] = connection
    state.count += 1
    state.perPeer[connection.peer, default: 0] += 1
  }

  /// It counts no more, though it may take a moment to close.
  private static func forget(_ connection: Connection, _ state: inout State) {
    guard !connection.isClosing.exchange(true, ordering: .relaxed) else { return }
    state.count -= 1
    let rest = state.perPeer[connection.peer, default: 1] - 1
    state.perPeer[connection.peer] = rest > 0 ? rest : nil
  }

  func connection(_ descriptor: CInt) -> Connection? {
    state.withLock { $0.byDescriptor[descriptor] }
  }

  /// To be called before the descriptor is closed: from then on its number may be another's.
  func remove(_ connection: Connection) {
    connection.reader?.unwatch()
    // Each has the other, and the server has those that wait.
    connection.reader = nil
    connection.server = nil
    state.withLock { state in
      Self.forget(connection, &state)
      if state.byDescriptor[connection.descriptor] === connection {
        state.byDescriptor[connection.descriptor] = nil
      }
    }
    counters.connectionClosed()
  }

  /// Tells one to close, while it surely has its descriptor still.
  func shutDown(_ connection: Connection, _ cause: ServerCounters.TimeOut? = nil) {
    state.withLock { state in
      Self.forget(connection, &state)
      guard state.byDescriptor[connection.descriptor] === connection else { return }
      if let cause { counters.count(cause) }
      connection.shutDown()
    }
  }

  var all: [Connection] { state.withLock { Array($0.byDescriptor.values) } }

  /// Whether a request may still come of one, or is being answered.
  ///
  /// - Parameter patience: how long a head is waited for.
  func isExpectant(at now: MonotonicTime, patience: Duration) -> Bool {
    all.contains {
      switch $0.phase {
      case .gate, .head: now - $0.since < patience
      case .working, .answering: true
      case .idle, .refused: false
      }
    }
  }

  var isEmpty: Bool { state.withLock { $0.byDescriptor.isEmpty } }
}
