/// A pattern for the paths of cgroups, compared name by name: `/kubepods.slice/**`.
///
/// - `*` stands for any characters of one name, none included;
/// - `?` stands for one character of a name;
/// - `**`, as a whole name, stands for any number of names, none included: `/a/**` is `/a` and all
///   that is below it.
///
/// All other characters stand for themselves. So does `\`, which systemd puts into names (`\x2d`).
package struct CgroupPattern: Hashable, Sendable, CustomStringConvertible {
  package static let lengthLimit = 4096
  package static let nameLimit = 63

  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  package let description: String
  private let names: [[UInt8]]

  package init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw Problem(description: "it has more than \(Self.lengthLimit) bytes")
    }
    guard text.utf8.first == UInt8(ascii: "/") else {
      throw Problem(description: "a cgroup's path begins with /")
    }
    names = text == "/" ? [] : namesOfPath(Array(text.utf8)).map { Array($0) }
    guard names.count <= Self.nameLimit else {
      throw Problem(description: "it has more than \(Self.nameLimit) names")
    }
    for name in names {
      guard !name.isEmpty else { throw Problem(description: "it has an empty name") }
      guard name != Array(".".utf8), name != Array("..".utf8) else {
        throw Problem(description: "no cgroup is named . or ..")
      }
      guard name == anyNames || !hasTwoStars(name) else {
        throw Problem(description: "** must be a whole name, as in /a/**")
      }
    }
    description = text
  }

  /// How the pattern stands to a path and to the paths below it.
  package func match(_ path: [UInt8]) -> Match {
    // Bit n is set where the pattern's first n names can stand for the names taken so far.
    var reached = withEmptyRuns(1)
    if path.count > 1 {
      for name in namesOfPath(path) where reached != 0 { reached = step(reached, over: name) }
    }
    let end: UInt64 = 1 << UInt64(names.count)
    return Match(
      isMatch: reached & end != 0,
      mayMatchBelow: reached & (end - 1) != 0,
      matchesAllBelow: names.last == anyNames && reached & (end >> 1) != 0)
  }

  package struct Match: Equatable, Sendable {
    package let isMatch: Bool
    /// Whether a path below may match.
    package let mayMatchBelow: Bool
    /// Whether every path below matches.
    package let matchesAllBelow: Bool
  }

  private func step(_ reached: UInt64, over name: ArraySlice<UInt8>) -> UInt64 {
    var next: UInt64 = 0
    for (place, own) in names.enumerated() where reached & (1 << UInt64(place)) != 0 {
      if own == anyNames {
        next |= 1 << UInt64(place)
      } else if matchesName(own[...], name) {
        next |= 1 << UInt64(place + 1)
      }
    }
    return withEmptyRuns(next)
  }

  /// `**` may also stand for no name at all.
  private func withEmptyRuns(_ reached: UInt64) -> UInt64 {
    var result = reached
    for (place, own) in names.enumerated()
    where own == anyNames && result & (1 << UInt64(place)) != 0 {
      result |= 1 << UInt64(place + 1)
    }
    return result
  }
}

private let anyNames = Array("**".utf8)

private func namesOfPath(_ path: [UInt8]) -> [ArraySlice<UInt8>] {
  path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
}

private func hasTwoStars(_ name: [UInt8]) -> Bool {
  zip(name, name.dropFirst()).contains { $0 == UInt8(ascii: "*") && $1 == UInt8(ascii: "*") }
}

/// Whether `pattern` stands for `name`: at each mismatch the last `*` takes one byte more.
private func matchesName(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
  var (place, position) = (pattern.startIndex, name.startIndex)
  var star: (place: Int, position: Int)?
  while position < name.endIndex {
    if place < pattern.endIndex, pattern[place] == UInt8(ascii: "*") {
      star = (place, position)
      place += 1
    } else if place < pattern.endIndex, pattern[place] == UInt8(ascii: "?") {
      position += 1
      // A character of UTF-8 goes on for as long as its bytes begin with the bits 10.
      while position < name.endIndex, name[position] & 0xC0 == 0x80 { position += 1 }
      place += 1
    } else if place < pattern.endIndex, pattern[place] == name[position] {
      place += 1
      position += 1
    } else if let last = star {
      star = (last.place, last.position + 1)
      (place, position) = (last.place + 1, last.position + 1)
    } else {
      return false
    }
  }
  return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
}
