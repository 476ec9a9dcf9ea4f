import Testing

@testable import MigrationReasons

@Suite struct `What a kernel tells of its types` {
  private static let whole = BTF { types in
    let word = types.add(.int, "long", size: 8)
    types.add(.structure, "runqueue", size: 8, members: [("cpu", word)])
    let unnamed = types.add(.structure, "", size: 8, members: [("within", word)])
    types.add(.structure, "task", size: 16, members: [("first", word), ("", unnamed)])
    let first = types.add(.variable, "first", type: word)
    let second = types.add(.variable, "second", type: word)
    types.section(
      ".data..percpu", size: 4096, [(first, 64, 8), (word, 72, 8), (999, 80, 8), (second, 4088, 8)])
  }

  @Test func `is where variables of each CPU are`() throws {
    let kernel = try KernelTypes(Self.whole.bytes)
    let places = ["first", "second"].map { kernel.variableOfCPU($0) }
    #expect(places.map { $0?.offset } == [64, 4088])
    #expect(places.map { $0?.size } == [8, 8])
    // A type, what is not there at all, no name.
    let others = ["long", "third", ""].map { kernel.variableOfCPU($0) }
    #expect(others.allSatisfy { $0 == nil })
  }

  @Test(arguments: [(4090, 8), (4096, 1), (Int(UInt32.max), 8), (64, Int(UInt32.max))])
  func `is not believed where a variable reaches out of its section`(
    offset: Int, size: Int
  ) throws {
    let kernel = try KernelTypes(
      BTF { types in
        let word = types.add(.int, "long", size: 8)
        let variable = types.add(.variable, "first", type: word)
        types.section(".data..percpu", size: 4096, [(variable, offset, size)])
      }.bytes)
    let place = kernel.variableOfCPU("first")
    #expect(place == nil)
  }

  @Test func `may be without such a section`() throws {
    let bytes = BTF { types in
      let word = types.add(.int, "long", size: 8)
      types.add(.variable, "first", type: word)
      types.section(".data", size: 4096, [(2, 64, 8)])
    }.bytes
    #expect(throws: ReasonsUnavailable.noVariable("vm_event_states")) {
      try PerCPUVariables(KernelTypes(bytes))
    }
    let kernel = try KernelTypes(bytes)
    let place = kernel.variableOfCPU("first")
    #expect(place == nil)
  }

  @Test func `is which members structs have`() throws {
    let kernel = try KernelTypes(Self.whole.bytes)
    let members = [
      ("first", "task"), ("within", "task"), ("cpu", "task"), ("first", "no_task"),
      ("first", "first"),
    ]
    let isThere = members.map { kernel.hasMember($0.0, of: $0.1) }
    #expect(isThere == [true, true, false, false, false])
    let none = kernel.lacks([("task", "first"), ("runqueue", "cpu")])
    #expect(none == nil)
    let lacking = kernel.lacks([("task", "first"), ("runqueue", "rq")])
    #expect(lacking == .noMember("rq", of: "runqueue"))
  }

  @Test func `ends where a struct is within itself`() throws {
    let kernel = try KernelTypes(
      BTF { types in
        types.add(
          .structure, "task", size: 8, members: Array(repeating: ("", 1), count: 60_000))
      }.bytes)
    let isThere = kernel.hasMember("first", of: "task")
    #expect(!isThere)
  }

  @Test func `is refused or without what was torn off, wherever it ends`() {
    let bytes = Self.whole.bytes
    for count in 0..<bytes.count {
      guard let kernel = try? KernelTypes(Array(bytes[..<count])) else { continue }
      Issue.record("\(count) of \(bytes.count) bytes")
      _ = kernel.variableOfCPU("first")
    }
  }

  /// Whatever a byte becomes, an answer is one that the section has room for.
  @Test func `is not believed further than it reaches where a byte is another`() {
    let bytes = Self.whole.bytes
    for place in bytes.indices {
      for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
        var torn = bytes
        torn[place] = value
        guard let kernel = try? KernelTypes(torn) else { continue }
        _ = kernel.hasMember("within", of: "task")
        if let (offset, size) = kernel.variableOfCPU("second") {
          #expect(offset + size <= Int(UInt32.max))
        }
      }
    }
  }
}

/// A kernel's description of itself, as bytes. Kernel: `Documentation/bpf/btf.rst`.
private struct BTF {
  private var types: [UInt8] = []
  private var strings: [UInt8] = [0]
  private var count = 0

  enum Kind: UInt32 {
    case int = 1
    case structure = 4
    case variable = 14
    case section = 15
  }

  init(_ describe: (inout BTF) -> Void) { describe(&self) }

  var bytes: [UInt8] {
    let sizes = [0, types.count, types.count, strings.count].map { UInt32($0) }
    return Self.bytes([0x0001_eb9f, 24] + sizes) + types + strings
  }

  /// - Parameters:
  ///   - size: of all but a variable, which has a type.
  /// - Returns: its number.
  @discardableResult
  mutating func add(
    _ kind: Kind, _ name: String, size: Int = 0, type: Int = 0,
    members: [(name: String, type: Int)] = []
  ) -> Int {
    add(kind, name, size: kind == .variable ? type : size, count: members.count)
    switch kind {
    case .int: append([64])
    case .variable: append([1])
    default:
      for (place, member) in members.enumerated() {
        append([string(member.name), UInt32(member.type), UInt32(place * 64)])
      }
    }
    return count
  }

  mutating func section(
    _ name: String, size: Int, _ variables: [(type: Int, offset: Int, size: Int)]
  ) {
    add(.section, name, size: size, count: variables.count)
    for variable in variables {
      append([UInt32(variable.type), UInt32(variable.offset), UInt32(variable.size)])
    }
  }

  private mutating func add(_ kind: Kind, _ name: String, size: Int, count members: Int) {
    append([string(name), kind.rawValue << 24 | UInt32(members), UInt32(size)])
    count += 1
  }

  private mutating func string(_ text: String) -> UInt32 {
    if text.isEmpty { return 0 }
    defer { strings += Array(text.utf8) + [0] }
    return UInt32(strings.count)
  }

  private mutating func append(_ words: [UInt32]) { types += Self.bytes(words) }

  private static func bytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }
}
