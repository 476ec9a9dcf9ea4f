internal import Synchronization

/// What a server has done so far, counted without a lock.
package final class ServerCounters: Sendable {
  /// The status codes that answers can have, the library's own among them.
  package static let codes = [
    200, 400, 401, 404, 405, 408, 413, 414, 417, 421, 429, 431, 500, 501, 503, 505,
  ]

  /// Why a connection was not let in.
  package enum Refusal: String, CaseIterable, Sendable {
    case limit
    case addressLimit = "address_limit"
    case descriptors
  }

  /// What a connection took too long for.
  package enum TimeOut: String, CaseIterable, Sendable {
    case idle, head, answer
  }

  /// Why a name and a password were not taken.
  package enum LoginFailure: String, CaseIterable, Sendable {
    /// They are nobody's.
    case password
    /// They were not looked at: too many wrong ones came from there before, or too many wait.
    case limit
  }

  private let answers = InlineArray<16, Atomic<UInt64>> { _ in Atomic(0) }
  private let refusals = InlineArray<3, Atomic<UInt64>> { _ in Atomic(0) }
  private let timeOuts = InlineArray<3, Atomic<UInt64>> { _ in Atomic(0) }
  private let loginFailures = InlineArray<2, Atomic<UInt64>> { _ in Atomic(0) }
  private let connectionsAccepted = Atomic<UInt64>(0)
  private let connectionsNow = Atomic<Int>(0)
  private let requestsNow = Atomic<Int>(0)

  package init() {
    precondition(answers.count == Self.codes.count)
    precondition(refusals.count == Refusal.allCases.count)
    precondition(timeOuts.count == TimeOut.allCases.count)
    precondition(loginFailures.count == LoginFailure.allCases.count)
  }

  /// Answers with the code at this place among ``codes``.
  package func answered(at place: Int) -> UInt64 { answers[place].load(ordering: .relaxed) }
  /// Connections refused for the reason at this place among `Refusal.allCases`.
  package func refused(at place: Int) -> UInt64 { refusals[place].load(ordering: .relaxed) }
  /// Connections closed for the cause at this place among `TimeOut.allCases`.
  package func timedOut(at place: Int) -> UInt64 { timeOuts[place].load(ordering: .relaxed) }
  /// Logins refused for the reason at this place among `LoginFailure.allCases`.
  package func loginFailed(at place: Int) -> UInt64 {
    loginFailures[place].load(ordering: .relaxed)
  }
  package var accepted: UInt64 { connectionsAccepted.load(ordering: .relaxed) }
  package var open: Int { connectionsNow.load(ordering: .relaxed) }
  /// Requests that are being answered.
  package var inFlight: Int { requestsNow.load(ordering: .relaxed) }

  func count(_ status: Int) {
    guard let place = Self.codes.firstIndex(of: status) else { return }
    answers[place].wrappingAdd(1, ordering: .relaxed)
  }

  func count(_ refusal: Refusal) {
    refusals[Refusal.allCases.firstIndex(of: refusal)!].wrappingAdd(1, ordering: .relaxed)
  }

  func count(_ timeOut: TimeOut) {
    timeOuts[TimeOut.allCases.firstIndex(of: timeOut)!].wrappingAdd(1, ordering: .relaxed)
  }

  func count(_ failure: LoginFailure) {
    loginFailures[LoginFailure.allCases.firstIndex(of: failure)!]
      .wrappingAdd(1, ordering: .relaxed)
  }

  func connectionOpened() {
    connectionsAccepted.wrappingAdd(1, ordering: .relaxed)
    connectionsNow.wrappingAdd(1, ordering: .relaxed)
  }

  func connectionClosed() { connectionsNow.wrappingSubtract(1, ordering: .relaxed) }

  func requestBegins() { requestsNow.wrappingAdd(1, ordering: .relaxed) }

  func requestEnds() { requestsNow.wrappingSubtract(1, ordering: .relaxed) }
}
