internal import Histograms

/// The bytes that an encoder has written, in memory that was handed to it.
///
/// (Places are counted without a look at overflow: each is held against the array's count where it is
/// used.)
///
/// The array always has more bytes than are written, whatever these hold, so that a line costs no more
/// than its bytes: no memory is made anew, and nobody counts a reference to it.
struct Output: ~Copyable {
  private var room: [UInt8]
  /// How many bytes are written.
  private(set) var count = 0
  /// By how much the room grows at least.
  private static let step = 512

  /// - Parameter room: what its bytes are does not matter.
  init(reusing room: consuming [UInt8] = []) { self.room = room }

  /// What was written, in the memory in which it was.
  consuming func finish() -> [UInt8] {
    room.removeLast(room.count - count)
    return room
  }

  mutating func append(_ byte: UInt8) {
    makeRoom(1)
    room[count] = byte
    count += 1
  }

  mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

  mutating func append(_ bytes: Span<UInt8>) {
    makeRoom(bytes.count)
    let place = count
    var room = room.mutableSpan
    room.copy(bytes, to: place)
    count = place + bytes.count
  }

  mutating func append(decimal number: UInt64) {
    makeRoom(maximumDigits)
    let place = count
    var room = room.mutableSpan
    count = room.write(number, at: place)
  }

  mutating func append(_ number: Decimal) {
    makeRoom(maximumDigits + maximumPartSize)
    let place = count
    var room = room.mutableSpan
    count = room.write(number, at: place)
  }

  /// The line of a metric: its beginning, its value and a newline.
  mutating func appendLine(_ beginning: [UInt8], _ value: UInt64) {
    makeRoom(beginning.count + maximumDigits + 1)
    let place = count
    var room = room.mutableSpan
    room.copy(beginning.span, to: place)
    let end = room.write(value, at: place + beginning.count)
    room[end] = UInt8(ascii: "\n")
    count = end + 1
  }

  /// The lines of a histogram's buckets, each with what is below it, too.
  ///
  /// - Parameters:
  ///   - counts: the observations of each bucket of its scale alone.
  ///   - marked: the line that has `mark` behind its value. None where it is negative.
  /// - Returns: how many observations there are in all.
  mutating func append(
    _ histogram: borrowing HistogramMetrics, _ counts: Span<UInt64>, behind marked: Int = -1,
    _ mark: [UInt8] = []
  ) -> UInt64 {
    let (text, ends, scale) = (histogram.bucketText, histogram.bucketEnds, histogram.scale)
    makeRoom(text.count + ends.count * (maximumDigits + 1) + mark.count)
    var place = count
    var room = room.mutableSpan
    var (total, bucket, begin): (UInt64, Int, Int) = (0, 0, 0)
    for line in ends.indices {
      let bucketEnd = scale.classicEnd(line)
      while bucket < bucketEnd {
        total &+= counts[bucket]
        bucket &+= 1
      }
      room.copy(text.span.extracting(begin..<ends[line]), to: place)
      place = room.write(total, at: place &+ ends[line] &- begin)
      if line == marked {
        room.copy(mark.span, to: place)
        place &+= mark.count
      }
      room[place] = UInt8(ascii: "\n")
      place &+= 1
      begin = ends[line]
    }
    count = place
    return total
  }

  /// The lines of a block that have a value, and before the first of each family its header.
  mutating func append(_ text: BlockText, _ values: Span<UInt64?>) {
    makeRoom(text.bytes.count + text.lines.count * (maximumDigits + 1))
    var place = count
    var room = room.mutableSpan
    let (bytes, lines) = (text.bytes.span, text.lines.span)
    var header = -1
    for index in lines.indices {
      guard let value = values[index] else { continue }
      place = room.write(lines[index], of: bytes, after: &header, at: place)
      place = room.write(value, at: place)
      room[place] = UInt8(ascii: "\n")
      place &+= 1
    }
    count = place
  }

  /// The same of numbers that have a part behind the point. What text cannot have is left out.
  mutating func append(_ text: BlockText, _ values: Span<Double?>) {
    makeRoom(text.bytes.count + text.lines.count * (maximumDigits + maximumPartSize + 1))
    var place = count
    var room = room.mutableSpan
    let (bytes, lines) = (text.bytes.span, text.lines.span)
    var header = -1
    for index in lines.indices {
      guard let value = values[index], let number = Decimal(value) else { continue }
      place = room.write(lines[index], of: bytes, after: &header, at: place)
      place = room.write(number, at: place)
      room[place] = UInt8(ascii: "\n")
      place &+= 1
    }
    count = place
  }

  /// Forgets what was written from this place on.
  mutating func removeAll(from place: Int) {
    precondition(place <= count)
    count = place
  }

  /// Writes over a byte that was written before.
  mutating func replace(at place: Int, by byte: UInt8) {
    precondition(place < count)
    room[place] = byte
  }

  @inline(__always)
  private mutating func makeRoom(_ size: Int) {
    if size > room.count - count { grow(size) }
  }

  @inline(never)
  private mutating func grow(_ size: Int) {
    let missing = max(size - (room.count - count), Self.step)
    room.append(addingCapacity: missing) { $0.append(repeating: 0, count: missing) }
  }
}

/// Of a number of 64 bits.
private let maximumDigits = 20
/// Of a point and billionths.
private let maximumPartSize = 10

extension MutableSpan where Element == UInt8 {
  @inline(__always)
  fileprivate mutating func copy(_ bytes: Span<UInt8>, to place: Int) {
    precondition(place >= 0 && bytes.count <= count - place)
    // The bytes lie within the room behind the place: checked above.
    unsafe withUnsafeMutableBufferPointer { room in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return }
        unsafe (room.baseAddress! + place).initialize(from: first, count: bytes.count)
      }
    }
  }

  /// Writes the beginning of a line, and before it the header of its family where that is not `header`.
  ///
  /// - Returns: the place behind it.
  @inline(__always)
  fileprivate mutating func write(
    _ line: BlockText.Line, of bytes: Span<UInt8>, after header: inout Int, at place: Int
  ) -> Int {
    var (place, text) = (place, line.beginning)
    if header != line.header.lowerBound {
      header = line.header.lowerBound
      if line.header.upperBound == text.lowerBound {
        // That of the family's first line stands before it.
        text = header..<text.upperBound
      } else {
        copy(bytes.extracting(line.header), to: place)
        place &+= line.header.count
      }
    }
    copy(bytes.extracting(text), to: place)
    return place &+ text.count
  }

  /// Writes the digits of a number.
  ///
  /// - Returns: the place behind them.
  @inline(__always)
  fileprivate mutating func write(_ value: UInt64, at place: Int) -> Int {
    if value < 10 {
      self[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)
      return place &+ 1
    }
    let end = place &+ digitCount(value)
    var (place, rest) = (end, value)
    repeat {
      place &-= 1
      self[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    return end
  }

  /// Writes a number, with its part behind the point where it has one, without zeros at its end.
  ///
  /// - Returns: the place behind it.
  fileprivate mutating func write(_ number: Decimal, at place: Int) -> Int {
    let place = write(number.whole, at: place)
    guard number.billionths > 0 else { return place }
    var (rest, digits) = (number.billionths, maximumPartSize - 1)
    while rest % 10 == 0 {
      rest /= 10
      digits -= 1
    }
    self[place] = UInt8(ascii: ".")
    for index in (1...digits).reversed() {
      self[place + index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    return place + 1 + digits
  }
}

/// How many decimal digits a number has.
private func digitCount(_ value: UInt64) -> Int {
  var (digits, rest) = (1, value)
  while rest >= 10_000 {
    rest /= 10_000
    digits &+= 4
  }
  return digits &+ (rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
}
