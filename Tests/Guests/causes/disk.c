// The disk is /dev/nbd0, and this program its server.
#define _GNU_SOURCE
#include "disk.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nbd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <unistd.h>

#include "../workload/memory.h"

enum { DISK_BYTES = 4 << 20, UNANSWERED_MAX = 1024 };

static char disk[DISK_BYTES];
static int device, server;
static bool is_swap;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool is_silent;
static struct nbd_request unanswered[UNANSWERED_MAX];
static size_t unanswered_count;

static void answer(const struct nbd_request *request) {
  struct nbd_reply reply = {.magic = htonl(NBD_REPLY_MAGIC)};
  memcpy(reply.handle, request->handle, sizeof reply.handle);
  send(server, &reply, sizeof reply, MSG_NOSIGNAL);
  if (ntohl(request->type) == NBD_CMD_READ)
    send(server, disk + be64toh(request->from), ntohl(request->len), MSG_NOSIGNAL);
}

static void *serve(void *nothing) {
  struct nbd_request request;
  while (recv(server, &request, sizeof request, MSG_WAITALL) == sizeof request) {
    if (ntohl(request.type) == NBD_CMD_WRITE)
      recv(server, disk + be64toh(request.from), ntohl(request.len), MSG_WAITALL);
    pthread_mutex_lock(&mutex);
    if (is_silent && unanswered_count < UNANSWERED_MAX) unanswered[unanswered_count++] = request;
    else answer(&request);
    pthread_mutex_unlock(&mutex);
  }
  return nothing;
}

static void *attend(void *nothing) {
  ioctl(device, NBD_DO_IT);
  return nothing;
}

static void start(void *(*body)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL)) fail("pthread_create");
}

// As mkswap(8) writes it.
static void make_swap(void) {
  *(uint32_t *)(disk + 1024) = 1;
  *(uint32_t *)(disk + 1028) = DISK_BYTES / BASE_PAGE - 1;
  memcpy(disk + BASE_PAGE - 10, "SWAPSPACE2", 10);
}

int attach_disk(void) {
  int ends[2];
  touch(disk, DISK_BYTES);
  device = open("/dev/nbd0", O_RDWR);
  if (device < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) fail("/dev/nbd0");
  server = ends[1];
  if (ioctl(device, NBD_SET_BLKSIZE, BASE_PAGE) || ioctl(device, NBD_SET_SIZE, DISK_BYTES) ||
      ioctl(device, NBD_SET_SOCK, ends[0]))
    fail("nbd");
  start(serve);
  start(attend);
  for (uint64_t size = 0; size != DISK_BYTES; usleep(10000))
    if (ioctl(device, BLKGETSIZE64, &size)) fail("BLKGETSIZE64");
  return device;
}

void swap_to_disk(void) {
  memset(disk, 0, DISK_BYTES);
  make_swap();
  attach_disk();
  if (swapon("/dev/nbd0", 0)) fail("swapon");
  is_swap = true;
}

void silence_disk(void) {
  pthread_mutex_lock(&mutex);
  is_silent = true;
  pthread_mutex_unlock(&mutex);
}

void answer_for_disk(void) {
  pthread_mutex_lock(&mutex);
  for (size_t i = 0; i < unanswered_count; i++) answer(&unanswered[i]);
  unanswered_count = 0;
  is_silent = false;
  pthread_mutex_unlock(&mutex);
}

void stop_disk(void) {
  if (is_swap && swapoff("/dev/nbd0")) fail("swapoff");
  ioctl(device, NBD_DISCONNECT);
}
