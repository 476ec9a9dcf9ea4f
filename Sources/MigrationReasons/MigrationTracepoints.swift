/// How this kernel tells of page migration: the tracepoints `migrate:mm_migrate_pages` and, from
/// 5.13 on, `mm_migrate_pages_start`.
///
/// Kernel: `include/trace/events/migrate.h`.
package struct MigrationTracepoints: Equatable {
  package let end: TracepointFormat
  /// Nil where the kernel does not say when a call begins; then there are no durations.
  package let start: TracepointFormat?

  package init(end: TracepointFormat, start: TracepointFormat?) throws(MalformedFormat) {
    for field in ["succeeded", "failed", "mode", "reason"] where end.field(field) == nil {
      throw MalformedFormat(problem: "no field \(field)")
    }
    for field in end.fields where field.size != 4 && field.size != 8 {
      throw MalformedFormat(problem: "field \(field.name) has \(field.size) bytes, not 4 or 8")
    }
    self.end = end
    // The two fields are all there is to it; a start that lacks one is as good as none.
    self.start = start.flatMap { $0.field("mode") != nil && $0.field("reason") != nil ? $0 : nil }
  }

  /// The reasons the kernel has names for, by number.
  package var reasons: [TracepointFormat.Symbol] { end.symbols(of: "reason") }

  /// The modes the kernel has names for, by number.
  package var modes: [TracepointFormat.Symbol] { end.symbols(of: "mode") }

  /// Whether the kernel tells THPs (from 5.9 on).
  package var hasTHP: Bool { end.field("thp_succeeded") != nil }

  /// Whether the kernel tells split folios of every size (from 6.7 on).
  package var hasFoliosSplit: Bool { end.field("large_folio_split") != nil }

  /// The eBPF programs that fit, by their names in `migration.bpf.c`.
  ///
  /// A raw tracepoint's arguments have no description but the kernel's source, so raw programs are
  /// for the three layouts known from it. Any other, a distribution's or a later kernel's, is read
  /// by offset from the classic tracepoint's record, which the format describes.
  package var programs: Programs { rawPrograms ?? classicPrograms }

  /// Nil where the layout of the arguments is not known.
  var rawPrograms: Programs? {
    let counts = end.fields.dropLast(2).map(\.name)
    guard end.fields.suffix(2).map(\.name) == ["mode", "reason"],
      start == nil || start?.fields.map(\.name) == ["mode", "reason"],
      let layout = Self.rawLayouts.first(where: { $0.counts == counts })
    else { return nil }
    return Programs(
      attachment: .raw, end: layout.program, start: start == nil ? nil : "start_raw")
  }

  private static let rawLayouts: [(counts: [String], program: String)] = [
    (["succeeded", "failed"], "end_raw_2"),
    (["succeeded", "failed", "thp_succeeded", "thp_failed", "thp_split"], "end_raw_5"),
    (
      ["succeeded", "failed", "thp_succeeded", "thp_failed", "thp_split", "large_folio_split"],
      "end_raw_6"
    ),
  ]

  /// For any layout. They read kernel memory, which a lockdown for confidentiality forbids.
  package var classicPrograms: Programs {
    Programs(
      attachment: .classic, end: "end_classic", start: start == nil ? nil : "start_classic")
  }

  package struct Programs: Equatable {
    package let attachment: Attachment
    package let end: String
    package let start: String?
  }

  package enum Attachment: Equatable { case raw, classic }
}
