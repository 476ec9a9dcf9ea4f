import KernelText
import Testing

@Suite struct `A list of numbers` {
  @Test(arguments: [
    ("0\n", [0...0]),
    ("0-3,8\n", [0...3, 8...8]),
    ("1,3,7", [1...1, 3...3, 7...7]),
    ("0-1023\n", [0...1023]),
    ("\n", []),
    ("", []),
  ])
  func `is what the kernel prints with %pbl`(text: String, ranges: [ClosedRange<Int>]) {
    #expect(list(text)?.ranges == ranges)
  }

  @Test(arguments: [
    "a", "-1", "1-", "3-1", "1,,2", "1,", ",1", "1 2", "0x1", "1-2-3", "1234567890",
    "0-3,0-3", "0-3,3", "5,4",
  ])
  func `is nothing else`(text: String) {
    #expect(list(text) == nil)
  }

  @Test func `of more nodes than there can be gives those up to a limit`() throws {
    let nodes = try #require(list("1,3-999999999\n"))
    #expect(nodes.numbers(upTo: 5) == [1, 3, 4, 5])
    #expect(nodes.numbers(upTo: 0) == [])
  }

  @Test func `contains what lies in its ranges`() throws {
    let nodes = try #require(list("0-2,7\n"))
    #expect((0...9).filter(nodes.contains) == [0, 1, 2, 7])
  }
}

private func list(_ text: String) -> NumberList? {
  let bytes = Array(text.utf8)
  return NumberList(bytes.span)
}
