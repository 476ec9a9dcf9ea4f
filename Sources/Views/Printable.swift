/// `text` with a question mark for what could move a terminal's cursor.
package func printable(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map {
        $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
          ? "?" : $0
      }))
}
