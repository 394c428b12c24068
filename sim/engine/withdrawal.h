#pragma once

#include "sim/engine/core/request_pool.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/recovery.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Takes requests that gave up out of their queues and off their links.
class Withdrawal {
 public:
  Withdrawal(LinkBooks& links, Network& network, Computing& computing, Recovery& recovery,
             RequestPool& requests)
      : links_(links),
        network_(network),
        computing_(computing),
        recovery_(recovery),
        requests_(requests) {}

  /// Takes the request out of its queue or off its link. Elsewhere it is released when its
  /// computation, latency or pause ends, or when its device would send its message.
  void withdraw(Request* request, double now) {
    recovery_.withdraw(request);
    if (request->on_link) {
      network_.withdraw(request);
    } else if (request->on_tier && !request->computing) {
      computing_.withdraw(request);
      requests_.release(request);
    } else if (request->is_present) {
      links_.record_lost(request, now);
    }
  }

 private:
  LinkBooks& links_;
  Network& network_;
  Computing& computing_;
  Recovery& recovery_;
  RequestPool& requests_;
};

}  // namespace offcut::engine
