#pragma once
// GnuTLS's headers as they are: a module map cannot name a header by its system path portably.
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
