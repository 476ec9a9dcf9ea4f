#pragma once
#include <microhttpd.h>
#include <stddef.h>

// Variadic functions, which Swift cannot call, with the one use that is made of each.

/// Never called: each session is given its certificate when it begins. But the library wants one, or this.
static inline int no_certificate(void) { return -1; }

/// A server without a listening socket: it answers the connections that MHD_add_connection(3) gives it.
/// Time-outs are the caller's.
///
/// Without TLS it has no thread: MHD_run_wait() is to be called again and again. With TLS it has one, which
/// waits with poll(2): with epoll(7) version 0.9.75 goes round without end while a client takes its time in
/// the middle of a handshake.
static inline struct MHD_Daemon *start_server(
    int has_tls, unsigned int connections, size_t bytes_per_connection, MHD_AccessHandlerCallback answer,
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback noticed,
    void *(*begun)(void *cls, const char *uri, struct MHD_Connection *connection), void *cls) {
  unsigned int flags = MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
  struct MHD_OptionItem with_tls[] = {
      {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)no_certificate}, {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem without_tls[] = {{MHD_OPTION_END, 0, NULL}};
  flags |= has_tls ? MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_TLS : MHD_USE_EPOLL;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, answer, cls, MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_per_connection,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, completed, cls,
      MHD_OPTION_NOTIFY_CONNECTION, noticed, cls, MHD_OPTION_URI_LOG_CALLBACK, begun, cls,
      MHD_OPTION_ARRAY, has_tls ? with_tls : without_tls, MHD_OPTION_END);
}

static inline int descriptor_of(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static inline void *context_of(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/// GnuTLS's session of a connection with TLS.
static inline void *session_of(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
}
