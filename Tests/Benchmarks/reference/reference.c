// The least that an exporter over libmicrohttpd can do, as a measure for ours: for each request it
// reads /proc/vmstat (or each FILE, and lists each that is a folder) to its end and answers with BYTES
// bytes that begin with what it read.
//
// It parses nothing, and knows one format and no compression. The server runs in the mode in
// which ours does, one thread that waits with epoll, and sends its bytes without copying them.
//
//   reference PORT BYTES [FILE...]
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 256, LONGEST_LINE = 256 };
static int files[MOST_FILES];
static DIR *folders[MOST_FILES];
static int file_count;
static char *body;
static size_t size;

// One request is answered at a time, and the body is sent before the next one is read: the daemon
// has a single thread. So one body is enough, as long as a client that reads slowly may see newer
// numbers.
static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state) {
  static int begun;
  (void)cls, (void)url, (void)version, (void)upload, (void)upload_size;
  if (strcmp(method, "GET") != 0) return MHD_NO;
  if (*state == NULL) {
    *state = &begun;
    return MHD_YES;
  }
  size_t count = 0;
  for (int i = 0; i < file_count; i++) {
    if (folders[i] != NULL) {
      rewinddir(folders[i]);
      while (readdir(folders[i]) != NULL) continue;
      continue;
    }
    size_t begin = count;
    ssize_t got;
    do {
      got = pread(files[i], body + count, size - count, (off_t)(count - begin));
      if (got < 0) return MHD_NO;
      count += (size_t)got;
    } while (got > LONGEST_LINE);  // A file of a single line has no more.
  }
  struct MHD_Response *response =
      MHD_create_response_from_buffer(size, body, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
  MHD_destroy_response(response);
  return result;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 3 + MOST_FILES) return fprintf(stderr, "usage: reference PORT BYTES [FILE...]\n"), 64;
  char *vmstat[] = {"/proc/vmstat"};
  char **paths = argc > 3 ? argv + 3 : vmstat;
  file_count = argc > 3 ? argc - 3 : 1;
  for (int i = 0; i < file_count; i++) {
    files[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
    if (files[i] < 0) return perror(paths[i]), 1;
    folders[i] = fdopendir(files[i]);  // NULL for what is no folder.
  }
  size = strtoul(argv[2], NULL, 10);
  body = malloc(size);
  if (body == NULL) return perror("malloc"), 1;
  memset(body, '#', size);

  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_Daemon *daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, NULL,
                       MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, 512u,
                       MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_END);
  if (daemon == NULL) return perror("cannot listen"), 1;

  sigset_t stop;
  int number;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  sigwait(&stop, &number);
  MHD_stop_daemon(daemon);
  return 0;
}
