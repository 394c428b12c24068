// Accepts connections. One thread does all input and output, a few others read and write tensors,
// so that a large request delays no other connection. When there are too many connections, a new
// one takes the place of the one that has kept the service waiting for longest.

#include "sim/runtime/service/http_service.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "models/base/error.h"
#include "sim/runtime/service/http_core.h"
#include "sim/runtime/transport/address.h"

namespace offcut::runtime {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::chrono::steady_clock::duration duration(Seconds time) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(time.si()));
}

tcp::endpoint resolved(const std::string& text) {
  const Address address = parse_address(text);
  boost::system::error_code error;
  asio::io_context context;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    throw InputError({text}, fmt::format("the host {} is unknown", in_quotes(address.host)));
  }
  return found.begin()->endpoint();
}

}  // namespace

HttpCore::HttpCore(Answerer& model, ServiceSettings allowed)
    : settings(std::move(allowed)),
      answerer(model),
      front(model, settings.token, settings.version),
      workers(settings.workers) {}

Seconds HttpCore::now() const {
  return Seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

void HttpCore::end(const std::shared_ptr<HttpSession>& session) {
  sessions.erase(session);
  if (stopping && sessions.empty()) {
    io.stop();
  }
}

struct HttpService::State {
  State(Answerer& answerer, ServiceSettings settings)
      : core(std::make_shared<HttpCore>(answerer, std::move(settings))),
        acceptor(core->io),
        pause(core->io),
        patience(core->io) {}

  void listen();
  void accept();
  void admit(tcp::socket socket);
  bool make_room(const std::string& peer);
  void stop_sessions();

  std::shared_ptr<HttpCore> core;
  tcp::acceptor acceptor;
  asio::steady_timer pause;     // After a failure to accept.
  asio::steady_timer patience;  // Of a stop.
  std::string address;
  std::thread thread;
};

void HttpService::State::listen() {
  const ServiceSettings& settings = core->settings;
  const tcp::endpoint end = resolved(settings.address);
  if (!end.address().is_loopback() && settings.token.empty()) {
    throw InputError({settings.address},
                     "other machines reach this address, so the service needs a token (--token); "
                     "127.0.0.1 needs none");
  }
  boost::system::error_code error;
  acceptor.open(end.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor.bind(end, error);
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    throw InputError({settings.address}, fmt::format("can't listen: {}", error.message()));
  }
  const tcp::endpoint taken = acceptor.local_endpoint();
  address = to_text(Address{taken.address().to_string(), taken.port()});
}

void HttpService::State::accept() {
  acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (core->stopping) {
      return;
    }
    if (!error) {
      admit(std::move(socket));
      return accept();
    }
    // The system may be out of descriptors: connections wait until some are closed.
    pause.expires_after(std::chrono::milliseconds(50));
    pause.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) {
        accept();
      }
    });
  });
}

/// Returns whether there is room for a connection of that peer, after closing another one if need
/// be.
bool HttpService::State::make_room(const std::string& peer) {
  std::size_t of_peer = 0;
  for (const auto& session : core->sessions) {
    of_peer += session->peer() == peer ? 1U : 0U;
  }
  const bool peer_is_full = of_peer >= core->settings.connections_per_peer;
  if (!peer_is_full && core->sessions.size() < core->settings.connections) {
    return true;
  }
  const Seconds now = core->now();
  std::shared_ptr<HttpSession> slowest;
  for (const auto& session : core->sessions) {
    if ((!peer_is_full || session->peer() == peer) && session->may_be_evicted(now) &&
        (slowest == nullptr || session->waits_since() < slowest->waits_since())) {
      slowest = session;
    }
  }
  if (slowest == nullptr) {
    return false;
  }
  core->metrics.connection_evicted();
  slowest->close();
  return true;
}

void HttpService::State::admit(tcp::socket socket) {
  boost::system::error_code error;
  const tcp::endpoint end = socket.remote_endpoint(error);
  if (error) {
    return;
  }
  std::string peer = end.address().to_string();
  if (!make_room(peer)) {
    core->metrics.connection_refused();
    constexpr std::string_view kRefusal =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        "Content-Length: 34\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
        "{\"error\":\"too many connections\"}\r\n";
    socket.non_blocking(true, error);
    socket.write_some(asio::buffer(kRefusal), error);
    socket.shutdown(tcp::socket::shutdown_send, error);
    return;
  }
  begin_session(*core, std::move(socket), std::move(peer));
}

void HttpService::State::stop_sessions() {
  core->stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  const auto sessions = core->sessions;
  for (const auto& session : sessions) {
    session->stop();
  }
  if (core->sessions.empty()) {
    return core->io.stop();
  }
  patience.expires_after(duration(core->settings.stop_time));
  patience.async_wait([this](boost::system::error_code) {
    const auto left = core->sessions;
    for (const auto& session : left) {
      session->close();
    }
  });
}

HttpService::HttpService(Answerer& answerer, ServiceSettings settings)
    : state_(std::make_shared<State>(answerer, std::move(settings))) {
  state_->listen();
  state_->accept();
  state_->thread = std::thread([core = state_->core.get()] { core->io.run(); });
}

HttpService::~HttpService() { stop(); }

std::string HttpService::address() const { return state_->address; }

void HttpService::stop() {
  if (!state_->thread.joinable()) {
    return;
  }
  asio::post(state_->core->io, [state = state_.get()] { state->stop_sessions(); });
  state_->thread.join();
  state_->core->workers.stop();
  state_->core->workers.join();
}

}  // namespace offcut::runtime
