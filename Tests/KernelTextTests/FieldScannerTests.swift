import KernelText
import TestSupport
import Testing

@Suite struct `A field scanner` {
  @Test func `takes the fields that it knows and no other`() throws {
    var scanner = NamedScanner(fields: ["a", "b", "c"])
    #expect(try scanner.fields(of: "x 1\nc 3\nxa 9\na 2\nax 9\n") == ["a": 2, "c": 3])
  }

  @Test func `follows a text whose lines move, come and go`() throws {
    var scanner = NamedScanner(fields: ["a", "b", "c"])
    for (text, expected) in [
      ("a 1\nx 2\nb 3\n", ["a": 1, "b": 3]),
      ("a 4\nx 5\nb 6\n", ["a": 4, "b": 6]),
      ("b 1\na 2\n", ["a": 2, "b": 1]),
      ("x 1\ny 2\nc 3\na 4\n", ["a": 4, "c": 3]),
      ("a 9\n", ["a": 9]),
      ("ab 1\nb 2\n", ["b": 2]),
      ("", [:]),
      ("a 1\nx 2\nb 3\n", ["a": 1, "b": 3]),
    ] as [(String, [String: UInt64])] {
      #expect(try scanner.fields(of: text) == expected, "\(text)")
    }
  }

  @Test func `does not take a longer or a shorter name for one that stood there before`() throws {
    var scanner = NamedScanner(fields: ["pgmigrate_fail"])
    #expect(try scanner.fields(of: "pgmigrate_fail 1\n") == ["pgmigrate_fail": 1])
    #expect(try scanner.fields(of: "pgmigrate_fails 2\n") == [:])
    #expect(try scanner.fields(of: "pgmigrate_fai 3\n") == [:])
    #expect(try scanner.fields(of: "pgmigrate_fail 4\n") == ["pgmigrate_fail": 4])
  }

  /// Names and numbers are looked at eight bytes at a time, where there are eight.
  @Test(arguments: 1...24)
  func `takes names and numbers of every length, wherever the text ends`(length: Int) throws {
    let name = String(repeating: "n", count: length)
    var scanner = NamedScanner(fields: [name])
    for digits in 1...20 {
      let number = String(repeating: "9", count: digits - 1) + "8"
      for (end, reads) in [("", 2), ("x 1\n", 1), ("a_name_behind_it 12345678\n", 1)] {
        for _ in 1...reads {
          let text = "\(name) \(number)\n\(end)"
          if let value = UInt64(number) {
            #expect(try scanner.fields(of: text) == [name: value])
          } else {
            #expect(throws: MalformedLine(number: 1, problem: .tooLarge)) {
              try scanner.fields(of: text)
            }
          }
        }
        // Another name of the same length, whose last byte alone differs.
        #expect(try scanner.fields(of: "\(name.dropLast())m 7\n") == [:])
        #expect(throws: MalformedLine(number: 1, problem: .notANumber)) {
          try scanner.fields(of: "\(name) \(number.dropLast())/\n\(end)")
        }
        #expect(throws: MalformedLine(number: 1, problem: .notANumber)) {
          try scanner.fields(of: "\(name) \(number.dropLast()):\n\(end)")
        }
      }
    }
  }

  @Test(arguments: [
    ("a 1\na 2\n", MalformedLine(number: 2, problem: .repeated)),
    ("a 1\nx 1\nx 2\na 2\n", MalformedLine(number: 4, problem: .repeated)),
    ("x\n", MalformedLine(number: 1, problem: .noValue)),
    ("a 1\nx -1\n", MalformedLine(number: 2, problem: .notANumber)),
  ])
  func `names the malformed line, and is fine with the next text`(
    text: String, error: MalformedLine
  ) throws {
    var scanner = NamedScanner(fields: ["a"])
    for _ in 1...2 {
      #expect(throws: error) { try scanner.fields(of: text) }
      #expect(try scanner.fields(of: "x 1\na 7\n") == ["a": 7])
    }
  }

  /// The scanner's memory of the text before must never show in what it finds.
  @Test(arguments: 1...8)
  func `finds what a plain reader finds, whatever came before`(seed: UInt64) throws {
    var random = Random(seed: seed)
    let names = ["a", "b", "ab", "abc", "x", "y"]
    var scanner = NamedScanner(fields: ["a", "b", "ab", "abc"])
    var (understood, refused) = (0, 0)
    for _ in 1...2000 {
      let lines = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        let name = names.randomElement(using: &random)!
        let value = ["0", "7", "18446744073709551615", "18446744073709551616", "-1", ""]
          .randomElement(using: &random)!
        return Int.random(in: 0..<9, using: &random) > 0 ? "\(name) 5" : "\(name) \(value)"
      }
      let text = lines.joined(separator: "\n")
      do throws(MalformedLine) {
        let expected = try plainFields(of: text, known: ["a", "b", "ab", "abc"])
        understood += 1
        #expect(try scanner.fields(of: text) == expected, "\(text)")
      } catch {
        refused += 1
        #expect(throws: error, "\(text)") { try scanner.fields(of: text) }
      }
    }
    #expect(understood > 200 && refused > 200)
  }
}

/// A scanner that says what it found by name.
private struct NamedScanner {
  private let names: [String]
  private var scanner: FieldScanner
  private var values: [UInt64]

  init(fields: [String]) {
    names = fields
    scanner = FieldScanner(fields: fields)
    // What it does not write must not matter.
    values = Array(repeating: 0xdead, count: fields.count)
  }

  mutating func fields(of text: String) throws(MalformedLine) -> [String: UInt64] {
    let bytes = Array(text.utf8)
    let found = try scanner.scan(bytes.span, into: &values)
    let slots = names.indices.filter { found & (1 << UInt64($0)) != 0 }
    return Dictionary(uniqueKeysWithValues: slots.map { (names[$0], values[$0]) })
  }
}

private func plainFields(
  of text: String, known: [String]
) throws(MalformedLine) -> [String: UInt64] {
  var result: [String: UInt64] = [:]
  var number = 0
  var repeated: Int?
  let bytes = Array(text.utf8)
  var malformed: MalformedLine?
  do throws(MalformedLine) {
    try FlatKeyedText.forEachPair(in: bytes.span) { name, value in
      number += 1
      let name = String(decoding: [UInt8](copying: name), as: UTF8.self)
      guard known.contains(name) else { return }
      if result.updateValue(value, forKey: name) != nil, repeated == nil { repeated = number }
    }
  } catch {
    malformed = error
  }
  // Whichever comes first in the text.
  if let repeated, repeated < malformed?.number ?? .max {
    throw MalformedLine(number: repeated, problem: .repeated)
  }
  if let malformed { throw malformed }
  return result
}
