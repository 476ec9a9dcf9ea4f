#pragma once
#include <microhttpd.h>

/// `MHD_start_daemon` is variadic, which Swift cannot call: this passes its options as an array.
static inline struct MHD_Daemon *shim_start_daemon(
    unsigned int flags, MHD_AccessHandlerCallback handler, void *handler_cls,
    const struct MHD_OptionItem *options) {
  return MHD_start_daemon(flags, 0, NULL, NULL, handler, handler_cls,
                          MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}
