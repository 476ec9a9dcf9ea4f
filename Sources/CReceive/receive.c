#define _GNU_SOURCE
#include "CReceive.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/socket.h>

static _Atomic(receiver) chosen;

void receive_through(receiver receiver) { atomic_store(&chosen, receiver); }

ssize_t receive(int descriptor, void *buffer, size_t size, int flags) {
  return recvfrom(descriptor, buffer, size, flags, NULL, NULL);
}

// libmicrohttpd reads what a client sends with recv(2) and shows nothing of it but what it understood.
// The dynamic linker looks for the function in the program first, and finds it here.
ssize_t recv(int descriptor, void *buffer, size_t size, int flags) {
  receiver receiver = atomic_load_explicit(&chosen, memory_order_acquire);
  return receiver ? receiver(descriptor, buffer, size, flags)
                  : receive(descriptor, buffer, size, flags);
}

static _Atomic(decrypted_receiver) chosen_for_decrypted;
static decrypted_receiver library;

void receive_decrypted_through(decrypted_receiver receiver) {
  atomic_store(&chosen_for_decrypted, receiver);
}

__attribute__((constructor)) static void find_library(void) {
  library = (decrypted_receiver)dlsym(RTLD_NEXT, "gnutls_record_recv");
}

ssize_t receive_decrypted(gnutls_session_t session, void *buffer, size_t size) {
  return library(session, buffer, size);
}

// The same within TLS.
ssize_t gnutls_record_recv(gnutls_session_t session, void *buffer, size_t size) {
  decrypted_receiver receiver =
      atomic_load_explicit(&chosen_for_decrypted, memory_order_acquire);
  return receiver ? receiver(session, buffer, size) : receive_decrypted(session, buffer, size);
}
