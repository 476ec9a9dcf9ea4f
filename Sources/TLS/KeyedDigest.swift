internal import CGnuTLS

/// What stands for a secret in memory: HMAC-SHA256 with a key that only this process has, so that
/// nobody can tell the secret by it, and no two secrets have the same.
package struct KeyedDigest: Hashable, Sendable {
  private let words: [4 of UInt64]

  /// A key of this process's own.
  package struct Key: Sendable {
    fileprivate let bytes: [UInt8]

    /// Nil where the kernel gives no random bytes.
    package init?() {
      var bytes = [UInt8](repeating: 0, count: 32)
      guard unsafe gnutls_rnd(GNUTLS_RND_KEY, &bytes, bytes.count) == 0 else { return nil }
      self.bytes = bytes
    }
  }

  /// Nil where GnuTLS cannot compute it, which it always can.
  package init?(of text: [UInt8], _ key: Key) {
    var words: [4 of UInt64] = [0, 0, 0, 0]
    let code = unsafe withUnsafeMutableBytes(of: &words) { digest in
      unsafe gnutls_hmac_fast(
        GNUTLS_MAC_SHA256, key.bytes, key.bytes.count, text, text.count, digest.baseAddress)
    }
    guard code == 0 else { return nil }
    self.words = words
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.words.indices.allSatisfy { one.words[$0] == other.words[$0] }
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
}
