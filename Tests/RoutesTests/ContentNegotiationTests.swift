import Exposition
import Testing
import WebServer

@testable import Routes

@Suite struct `Content negotiation` {
  @Test func `gives text without an Accept header`() {
    #expect(MetricsRoute.format(Accept(nil)).0 == .plainText)
  }

  @Test(arguments: [
    // What Prometheus servers send: 2.42, and one with the newer protocols.
    (
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      ExpositionFormat.openMetrics
    ),
    (
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      .openMetrics
    ),
    (
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2",
      .plainTextUTF8
    ),
    (
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      .protobuf
    ),
    (
      "text/plain;version=0.0.4;q=0.9,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7",
      .plainText
    ),
    // Protobuf of another kind, or of none that is named, and what may be it.
    (
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1",
      .plainText
    ),
    ("application/vnd.google.protobuf;encoding=delimited,text/plain;q=0.1", .plainText),
    ("application/vnd.google.protobuf", .plainText),
    ("application/*", .openMetrics),
    ("application/*;q=0.9,text/plain;q=0.1", .openMetrics),
    ("*/*,text/plain;q=0.1,application/openmetrics-text;version=1.0.0;q=0.2", .plainTextUTF8),
    // What browsers and curl send.
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .plainText),
    ("*/*", .plainText),
    // A type without its version, and with one.
    ("text/plain", .plainText),
    ("text/*", .plainText),
    ("text/plain;version=0.0.4", .plainText),
    ("text/plain;version=1.0.0", .plainTextUTF8),
    ("application/openmetrics-text", .openMetricsDraft),
    ("application/openmetrics-text;version=0.0.1", .openMetricsDraft),
    ("application/openmetrics-text;version=1.0.0", .openMetrics),
    // Versions that there are, but not here.
    ("application/openmetrics-text;version=2.0.0", .plainText),
    ("application/openmetrics-text;version=0.0.4", .plainText),
    ("text/plain;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.1", .openMetrics),
    // Quality decides, then the order.
    ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", .plainText),
    ("text/plain;q=0.8,application/openmetrics-text;version=1.0.0;q=0.9", .openMetrics),
    ("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5", .plainText),
    (
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.5",
      .openMetrics
    ),
    ("text/plain;q=0.001,application/openmetrics-text;version=1.0.0;q=0.002", .openMetrics),
    ("text/plain;q=1.000,application/openmetrics-text;version=1.0.0;q=0.999", .plainText),
    // What is refused is not chosen, and the more exact range speaks.
    ("text/plain;q=0,application/openmetrics-text;version=1.0.0;q=0.1", .openMetrics),
    (
      "*/*;q=1,text/plain;version=0.0.4;q=0.2,application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=1.0.0;q=0.1,application/openmetrics-text;version=0.0.1;q=0",
      .openMetrics
    ),
    // Spelled otherwise: case, spaces, quotes.
    ("Application/OpenMetrics-Text; Version=\"1.0.0\" ; Q=0.5", .openMetrics),
    (" text/plain ; q=0.1 , application/openmetrics-text ; version=1.0.0 ; q=0.2 ", .openMetrics),
    ("application/openmetrics-text;charset=utf-8;version=1.0.0", .openMetrics),
    // What stands in a quoted string is no element, and no parameter.
    ("text/x;a=\",application/openmetrics-text;version=1.0.0,\"", .plainText),
    ("text/x;a=\"\\\",application/openmetrics-text;version=1.0.0,\"", .plainText),
    ("text/x;a=\",\",application/openmetrics-text;version=1.0.0", .openMetrics),
    ("application/openmetrics-text;a=\";q=0\";version=1.0.0,text/plain;q=0.1", .openMetrics),
    ("text/x;a=\",application/openmetrics-text;version=1.0.0", .plainText),
    // Nothing of ours is wanted: a scrape with metrics is better than none.
    ("image/png", .plainText),
    ("text/plain;q=0", .plainText),
    ("", .plainText),
    (",;,=,;q=", .plainText),
    ("application/openmetrics-text;version=1.0.0;q=zero,text/plain;q=0.1", .plainText),
    ("application/openmetrics-text;version=1.0.0;q=2,text/plain;q=0.1", .plainText),
  ])
  func `follows the client's wish`(accept: String, format: ExpositionFormat) {
    #expect(MetricsRoute.format(Accept(accept)).0 == format)
  }

  @Test(arguments: [
    (nil, ExpositionFormat.plainText, "text/plain; version=0.0.4; charset=utf-8"),
    ("text/plain;version=1.0.0", .plainTextUTF8, "text/plain; version=1.0.0; charset=utf-8"),
    (
      "application/openmetrics-text;version=1.0.0", .openMetrics,
      "application/openmetrics-text; version=1.0.0; charset=utf-8"
    ),
    (
      "application/openmetrics-text", .openMetricsDraft,
      "application/openmetrics-text; version=0.0.1; charset=utf-8"
    ),
    (
      "text/plain;version=1.0.0;escaping=allow-utf-8", .plainTextUTF8,
      "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    ),
    (
      "text/plain; escaping=underscores ;q=0.5", .plainText,
      "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    ),
    (
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=underscores;q=0.6,text/plain;escaping=allow-utf-8;q=0.5",
      .protobuf,
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
    ),
    // What the other format would have been escaped by is not for this one.
    (
      "application/openmetrics-text;version=9;escaping=dots,text/plain;q=0.5", .plainText,
      "text/plain; version=0.0.4; charset=utf-8"
    ),
    ("text/plain; escaping=<script>", .plainText, "text/plain; version=0.0.4; charset=utf-8"),
  ])
  func `names the content type exactly`(
    accept: String?, format: ExpositionFormat, expected: String
  ) {
    #expect(MetricsRoute.format(Accept(accept)) == (format, expected))
  }

  @Test(
    arguments: [
      (nil, false), ("", false), ("*/*", false), ("text/plain", false), ("image/png", false),
      ("application/json", true), ("application/*", true), ("Application/JSON;q=0.1", true),
      ("text/plain, application/json;q=0.1", false), ("text/plain;q=0.1, application/json", true),
      ("application/json, text/plain, */*", true), ("application/json;q=0", false),
      ("application/json;q=0.5, */*;q=0.8", false), ("text/*;q=0.5, application/json;q=0.6", true),
      ("text/x;a=\",application/json,\"", false),
    ] as [(String?, Bool)])
  func `gives JSON to those who like it better than text`(accept: String?, isJSON: Bool) {
    #expect(Request(accept: Accept(accept)).prefersJSON == isJSON)
  }
}
