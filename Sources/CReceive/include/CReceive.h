#pragma once

#include <gnutls/gnutls.h>
#include <stddef.h>
#include <sys/types.h>

/// Takes the place of recv(2) for the whole process, libraries among it.
typedef ssize_t (*receiver)(int descriptor, void *buffer, size_t size, int flags);

/// Who is asked from now on.
void receive_through(receiver receiver);

/// recv(2) itself.
ssize_t receive(int descriptor, void *buffer, size_t size, int flags);

/// Takes the place of gnutls_record_recv(3) in the same way.
typedef ssize_t (*decrypted_receiver)(gnutls_session_t session, void *buffer, size_t size);

/// Who is asked from now on.
void receive_decrypted_through(decrypted_receiver receiver);

/// gnutls_record_recv(3) itself.
ssize_t receive_decrypted(gnutls_session_t session, void *buffer, size_t size);
