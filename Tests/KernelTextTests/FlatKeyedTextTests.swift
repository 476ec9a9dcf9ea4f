import KernelText
import TestSupport
import Testing

@Suite struct `Flat keyed text` {
  @Test func `is names and numbers`() throws {
    #expect(
      try pairs("nr_free_pages 3863\npgmigrate_success 0\n") == [
        "nr_free_pages 3863", "pgmigrate_success 0",
      ])
  }

  @Test(arguments: [
    ("", []),
    ("a 18446744073709551615\n", ["a 18446744073709551615"]),
    ("a 00000000000000000000000000007\n", ["a 7"]),
    ("a.b-c/d 1\n", ["a.b-c/d 1"]),
    ("name_\u{e9} 1\n", ["name_\u{e9} 1"]),
  ])
  func `may be`(text: String, expected: [String]) throws {
    #expect(try pairs(text) == expected)
  }

  @Test(arguments: [
    ("a\n", 1, MalformedLine.Problem.noValue),
    ("a", 1, .noValue),
    ("a \n", 1, .noValue),
    ("a ", 1, .noValue),
    ("a 1", 1, .unfinished),
    ("a 1\nb 22", 2, .unfinished),
    ("a 1\n\nb 2\n", 2, .noValue),
    (" 1\n", 1, .noName),
    ("a 1 2\n", 1, .severalValues),
    ("a 1 \n", 1, .severalValues),
    ("a -1\n", 1, .notANumber),
    ("a +1\n", 1, .notANumber),
    ("a 1.5\n", 1, .notANumber),
    ("a  1\n", 1, .notANumber),
    ("a one\n", 1, .notANumber),
    ("a 0x10\n", 1, .notANumber),
    ("a 1\r\nb 2\r\n", 1, .notANumber),
    ("a 1\nb 2\0\n", 2, .notANumber),
    ("a\t1\n", 1, .controlCharacter),
    ("a\0b 1\n", 1, .controlCharacter),
    ("a\r\n", 1, .controlCharacter),
    ("a 18446744073709551616\n", 1, .tooLarge),
    ("a 18446744073709551615\nb 99999999999999999999\n", 2, .tooLarge),
    ("a 100000000000000000000000000000000000000000\n", 1, .tooLarge),
  ])
  func `names the malformed line`(text: String, number: Int, problem: MalformedLine.Problem) {
    #expect(throws: MalformedLine(number: number, problem: problem)) { try pairs(text) }
  }

  @Test(arguments: [
    (MalformedLine.Problem.noValue, "line 7 has no value"),
    (.noName, "line 7 has no name"),
    (.severalValues, "line 7 has more than one value"),
    (.notANumber, "line 7 has a value that is not a whole number"),
    (.tooLarge, "line 7 has a value above 18446744073709551615"),
    (.controlCharacter, "line 7 has a control character in its name"),
    (.repeated, "line 7 repeats a field"),
  ])
  func `says what is wrong`(problem: MalformedLine.Problem, text: String) {
    #expect(MalformedLine(number: 7, problem: problem).description == text)
    #expect(
      MalformedFile("/proc/vmstat", MalformedLine(number: 7, problem: problem)).description
        == "/proc/vmstat: \(text)")
  }

  @Test(arguments: Fixture.machines)
  func `is what a kernel writes`(machine: Fixture) throws {
    let text = try machine.text("proc/vmstat")
    #expect(try pairs(text).joined(separator: "\n") + "\n" == text)
  }
}

func pairs(_ text: String) throws(MalformedLine) -> [String] {
  var found: [String] = []
  let bytes = Array(text.utf8)
  try FlatKeyedText.forEachPair(in: bytes.span) { name, value in
    found.append("\(String(decoding: [UInt8](copying: name), as: UTF8.self)) \(value)")
  }
  return found
}
