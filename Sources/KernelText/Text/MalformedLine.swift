/// A line that is not what the kernel writes.
package struct MalformedLine: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: String, Error, Sendable {
    case noName = "has no name"
    case noValue = "has no value"
    case severalValues = "has more than one value"
    case notANumber = "has a value that is not a whole number"
    case tooLarge = "has a value above 18446744073709551615"
    case controlCharacter = "has a control character in its name"
    case unfinished = "has no newline: the text was cut"
    case repeated = "repeats a field"
    case tooLong = "is longer than 65536 bytes"
    case noAddress = "does not begin with an address"
    case noPageSize = "has pages and no kernelpagesize_kB"
  }

  /// Counted from 1.
  package let number: Int
  package let problem: Problem

  package init(number: Int, problem: Problem) {
    self.number = number
    self.problem = problem
  }

  package var description: String { "line \(number) \(problem.rawValue)" }
}

/// A file whose text is not what the kernel writes: `/proc/vmstat: line 7 has no value`.
package struct MalformedFile: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package init(_ path: String, _ line: MalformedLine) {
    self.path = path
    self.reason = line.description
  }

  package init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "\(path): \(reason)" }
}
