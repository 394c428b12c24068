#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "sim/runtime/service/front.h"
#include "sim/runtime/service/service_metrics.h"
#include "sim/runtime/service/settings.h"

namespace offcut::runtime {

/// A connection, which answers one request after the other. On the I/O thread only.
class HttpSession {
 public:
  virtual ~HttpSession() = default;
  virtual const std::string& peer() const = 0;
  /// Returns since when the service waits for the peer, if it does so at all, and whether another
  /// connection may take its place: it is between requests, or in the middle of one and stalled.
  virtual bool may_be_evicted(Seconds now) const = 0;
  virtual Seconds waits_since() const = 0;
  /// Ends after the request that is under way, at once if there is none.
  virtual void stop() = 0;
  virtual void close() = 0;  // At once.
};

/// The state that the connections of a service share. On the I/O thread only, except for what says
/// otherwise. A call refers to it weakly, since it may end after the service.
struct HttpCore : std::enable_shared_from_this<HttpCore> {
  HttpCore(Answerer& model, ServiceSettings allowed);

  Seconds now() const;
  void end(const std::shared_ptr<HttpSession>& session);  // It is closed.

  ServiceSettings settings;
  Answerer& answerer;  // Any thread, until the service has stopped.
  Front front;
  ServiceMetrics metrics;
  std::atomic<std::size_t> body_bytes = 0;  // Any thread.
  bool stopping = false;
  boost::asio::io_context io;                       // Any thread.
  boost::asio::thread_pool workers;                 // Any thread.
  std::set<std::shared_ptr<HttpSession>> sessions;  // After `io`, whose sockets they have.
};

/// Opens a session for a connection, which registers itself in `core`. REQUIRES: `core` outlives
/// it.
void begin_session(HttpCore& core, boost::asio::ip::tcp::socket socket, std::string peer);

}  // namespace offcut::runtime
