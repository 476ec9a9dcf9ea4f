/// What is done with eight bytes of a text at once.
extension Span where Element == UInt8 {
  /// The bytes from `place` on as a number, the first as its lowest.
  @inline(__always)
  func eightBytes(at place: Int) -> UInt64 {
    // That they are within the span is checked by the call, and any eight bytes are a number.
    unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// Whether both have the same bytes.
  @inline(__always)
  package func equals(_ other: Self) -> Bool {
    guard count == other.count else { return false }
    var done = 0
    while count &- done >= 8 {
      guard eightBytes(at: done) == other.eightBytes(at: done) else { return false }
      done &+= 8
    }
    if count >= 8 {
      // The last eight, of which some were compared already.
      return eightBytes(at: count &- 8) == other.eightBytes(at: count &- 8)
    }
    while done < count {
      guard self[done] == other[done] else { return false }
      done &+= 1
    }
    return true
  }

  /// Where the last newline before `end` is. Nil where there is none.
  func lastNewline(before end: Int) -> Int? {
    var end = end
    while end >= 8 {
      // A byte becomes 0 where it is a newline, and that becomes its highest bit alone.
      let bytes = eightBytes(at: end - 8) ^ 0x0a0a_0a0a_0a0a_0a0a
      let others = (bytes & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7f7f_7f7f_7f7f_7f7f | bytes
      let newlines = ~others & 0x8080_8080_8080_8080
      if newlines != 0 { return end - 1 - newlines.leadingZeroBitCount >> 3 }
      end -= 8
    }
    while end > 0 {
      end -= 1
      if self[end] == UInt8(ascii: "\n") { return end }
    }
    return nil
  }
}
