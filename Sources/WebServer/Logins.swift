internal import CCrypt
internal import Glibc
internal import Synchronization
internal import System
internal import TLS
internal import WebConfig

/// Who may ask, by name and password.
final class Logins: Sendable {
  /// By the bytes of the name: Swift holds texts for equal that are spelled with other bytes.
  private let users: [[UInt8]: BcryptHash]
  /// Every attempt takes as long as one against this cost, so that its time tells nothing.
  private let dearestCost: Int

  init(_ users: [String: BcryptHash]) {
    self.users = Dictionary(uniqueKeysWithValues: users.map { (Array($0.key.utf8), $0.value) })
    dearestCost = users.values.map(\.cost).max() ?? 10
  }

  func attempt(_ credentials: Credentials) -> LoginAttempt {
    LoginAttempt(credentials, users[credentials.user], cost: dearestCost)
  }
}

/// A name and a password that somebody has sent, and what the password is to be compared with.
struct LoginAttempt: Sendable {
  private let password: [UInt8]
  /// Nil for a name that nobody has.
  private let hash: BcryptHash?
  private let cost: Int
  /// Stands for name, hash and password together: another hash for the same name is another one.
  let digest: KeyedDigest?

  init(_ credentials: Credentials, _ hash: BcryptHash?, cost: Int) {
    password = credentials.password
    self.hash = hash
    self.cost = cost
    guard let hash, let key = Self.key else {
      digest = nil
      return
    }
    // The length keeps name and password apart.
    let length = unsafe withUnsafeBytes(of: UInt64(credentials.user.count)) { unsafe Array($0) }
    digest = KeyedDigest(
      of: length + credentials.user + hash.text.utf8 + credentials.password, key)
  }

  private static let key = KeyedDigest.Key()

  /// Compares, which takes long: tens of milliseconds of a processor at cost 10, and the same for a
  /// name that nobody has, a wrong password and the right one. 2^a + 2^a + 2^(a+1) + … + 2^(b-1)
  /// rounds are 2^b.
  func isRight() -> Bool {
    var worker = Bcrypt()
    let isSame = worker.hash(password, hash ?? Self.nobody(cost))
    if let hash {
      for cost in hash.cost..<cost { _ = worker.hash(password, Self.nobody(cost)) }
    }
    // crypt(3) would stop at a NUL.
    return isSame && hash != nil && !password.contains(0)
  }

  /// A hash that is no password's.
  private static func nobody(_ cost: Int) -> BcryptHash {
    BcryptHash("$2b$\(cost < 10 ? "0" : "")\(cost)$" + String(repeating: ".", count: 53))!
  }
}

/// crypt_r(3) and the memory that it works in.
@safe private struct Bcrypt: ~Copyable {
  private let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)

  init() { unsafe memset(data, 0, MemoryLayout<crypt_data>.size) }

  deinit {
    // It has the password in it.
    unsafe explicit_bzero(data, MemoryLayout<crypt_data>.size)
    unsafe data.deallocate()
  }

  /// Whether the password has this hash. bcrypt knows its first 72 bytes.
  mutating func hash(_ password: [UInt8], _ hash: BcryptHash) -> Bool {
    let phrase = password.prefix(72).map { CChar(bitPattern: $0) } + [0]
    guard let result = unsafe crypt_r(phrase, hash.text, data) else { return false }
    let (one, other) = unsafe (Array(String(cString: result).utf8), Array(hash.text.utf8))
    guard one.count == other.count else { return false }
    // All of it is compared, wherever the first difference is.
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// The pairs of name and password that were right, as digests: what is known need not be computed
/// again. Only right ones are kept, so nobody without one can push them out.
final class VerifiedPairs: Sendable {
  private static let limit = 256

  private let digests = Mutex<Set<KeyedDigest>>([])

  func contains(_ digest: KeyedDigest?) -> Bool {
    guard let digest else { return false }
    return digests.withLock { $0.contains(digest) }
  }

  func add(_ digest: KeyedDigest?) {
    guard let digest else { return }
    digests.withLock { digests in
      if digests.count >= Self.limit { _ = digests.popFirst() }
      digests.insert(digest)
    }
  }
}

/// How many wrong passwords an address may send: ten at once, and then one each second. A right one
/// that is known already is always taken.
final class FailedLogins: Sendable {
  static let interval = Duration.seconds(1)
  static let burst = 10
  /// So many addresses are known; beyond, all are forgiven.
  private static let limit = 4096

  /// When each has all of its attempts again.
  private let full = Mutex<[Peer: MonotonicTime]>([:])

  func mayTry(_ peer: Peer, at now: MonotonicTime) -> Bool {
    full.withLock { full in
      guard let time = full[peer], time > now else { return true }
      return time - now <= Self.interval * (Self.burst - 1)
    }
  }

  func note(_ peer: Peer, at now: MonotonicTime) {
    full.withLock { full in
      if full.count >= Self.limit { full = full.filter { $0.value > now } }
      if full.count >= Self.limit { full = [:] }
      full[peer] = max(full[peer] ?? now, now) + Self.interval
    }
  }
}
