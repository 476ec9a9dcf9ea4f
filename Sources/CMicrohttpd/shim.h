#pragma once
#include <microhttpd.h>

// Variadic functions, which Swift cannot call, with the one use that is made of each.

/// A server without a listening socket: it answers the connections that MHD_add_connection(3) gives it,
/// on a thread of its own that waits with epoll. Time-outs are the caller's.
static inline struct MHD_Daemon *start_server(
    unsigned int connections, size_t bytes_per_connection, MHD_AccessHandlerCallback answer,
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback noticed,
    void *(*begun)(void *cls, const char *uri, struct MHD_Connection *connection), void *cls) {
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
      NULL, answer, cls, MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_per_connection, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_NOTIFY_COMPLETED, completed, cls, MHD_OPTION_NOTIFY_CONNECTION, noticed, cls,
      MHD_OPTION_URI_LOG_CALLBACK, begun, cls, MHD_OPTION_END);
}

static inline int descriptor_of(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static inline void *context_of(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}
