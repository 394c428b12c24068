// Listens and connects over TCP. The channels themselves are in socket_channel.cpp. Names are
// resolved by the system, in a thread of Asio's where that may take time.
#include "sim/runtime/transport/socket_transport.h"

#include <fmt/format.h>
#include <malloc.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "models/base/error.h"
#include "sim/runtime/transport/address.h"
#include "sim/runtime/transport/socket_channel.h"

namespace offcut::runtime {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string text_of(const tcp::endpoint& endpoint) {
  return to_text(Address{endpoint.address().to_string(), endpoint.port()});
}

/// Messages of megabytes come and go. By default, glibc would give back their memory each time, and
/// touching new pages takes longer than to receive a message. Once per process.
void keep_freed_memory() {
  constexpr int kMapped = 32 << 20;  // The largest threshold that glibc accepts.
  constexpr int kKept = 256 << 20;
  [[maybe_unused]] static const bool is_set =
      mallopt(M_MMAP_THRESHOLD, kMapped) == 1 && mallopt(M_TRIM_THRESHOLD, kKept) == 1;
}

/// Hands a connected socket to a channel.
std::unique_ptr<Channel> channel_of(IoLoop& loop, tcp::socket socket, const SocketLimits& limits,
                                    std::shared_ptr<void> guest) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) {
    return nullptr;  // It is gone already.
  }
  const int descriptor = socket.release(error);
  if (error) {
    return nullptr;
  }
  return make_socket_channel(loop, descriptor, peer.address().is_v6(), limits, text_of(peer),
                             std::move(guest));
}

/// Accepts connections until it is closed.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  using Accept = std::function<void(std::unique_ptr<Channel>)>;

  Acceptor(IoLoop& loop, const SocketLimits& limits, Accept accept)
      : loop_(loop), limits_(limits), acceptor_(loop.context()), accept_(std::move(accept)) {}

  void open(const std::string& text) {
    const Address address = parse_address(text);
    const auto refuse_at = [&](const error_code& error) {
      if (error) {
        throw InputError(Place{.file = text}, "can't listen there: " + error.message());
      }
    };
    error_code error;
    tcp::resolver resolver(loop_.context());
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    refuse_at(error);
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    refuse_at(error);
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor_.bind(endpoint, error);
    refuse_at(error);
    acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    refuse_at(error);
    acceptor_.non_blocking(true, error);
    address_ = text_of(acceptor_.local_endpoint());
    await();
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    is_closed_ = true;
  }

  const std::string& address() const { return address_; }

 private:
  void await() {
    acceptor_.async_accept(
        [self = shared_from_this()](const error_code& error, tcp::socket socket) {
          if (self->is_closed_) {
            return;
          }
          if (!error) {
            self->accept(std::move(socket));
          } else if (error != boost::asio::error::connection_aborted) {
            self->rest();  // The process may have no descriptor left.
            return;
          }
          if (!self->is_closed_) {
            self->await();
          }
        });
  }

  void accept(tcp::socket socket) {
    if (guests_.use_count() > static_cast<long>(limits_.channels)) {
      error_code ignored;
      socket.close(ignored);
      return;
    }
    if (auto channel = channel_of(loop_, std::move(socket), limits_, guests_)) {
      accept_(std::move(channel));
    }
  }

  void rest() {
    constexpr Seconds kPause(0.1);
    loop_.at(loop_.now() + kPause, [weak = weak_from_this()] {
      if (const auto self = weak.lock(); self != nullptr && !self->is_closed_) {
        self->await();
      }
    });
  }

  IoLoop& loop_;
  const SocketLimits limits_;
  tcp::acceptor acceptor_;
  Accept accept_;
  std::string address_;
  std::shared_ptr<int> guests_ = std::make_shared<int>(0);  // Each open channel has a copy.
  bool is_closed_ = false;
};

/// Makes one connection, unless it is called off before.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  Connector(IoLoop& loop, const SocketLimits& limits, Transport::Connected connected)
      : loop_(loop),
        limits_(limits),
        resolver_(loop.context()),
        socket_(loop.context()),
        connected_(std::move(connected)) {}

  void start(const std::string& text, Seconds patience) {
    Address address;
    try {
      address = parse_address(text);
    } catch (const InputError& error) {
      loop_.post([self = shared_from_this(), reason = error.diagnostics().front().message] {
        self->end(nullptr, reason);
      });
      return;
    }
    timer_ = loop_.at(loop_.now() + patience, [weak = weak_from_this(), patience] {
      if (const auto self = weak.lock()) {
        self->end(nullptr, "no connection within " + to_readable(patience));
      }
    });
    resolver_.async_resolve(address.host, std::to_string(address.port),
                            [self = shared_from_this()](const error_code& error,
                                                        const tcp::resolver::results_type& to) {
                              if (error) {
                                self->end(nullptr, error.message());
                              } else if (!self->is_over_) {
                                self->connect(to);
                              }
                            });
  }

  void call_off() {
    is_over_ = true;
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    loop_.cancel(timer_);
  }

 private:
  void connect(const tcp::resolver::results_type& to) {
    boost::asio::async_connect(
        socket_, to, [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
          if (self->is_over_) {
            return;
          }
          auto channel =
              error ? nullptr
                    : channel_of(self->loop_, std::move(self->socket_), self->limits_, nullptr);
          const std::string reason =
              channel != nullptr ? "" : (error ? error.message() : "it closed the connection");
          self->end(std::move(channel), reason);
        });
  }

  void end(std::unique_ptr<Channel> channel, const std::string& reason) {
    if (is_over_) {
      return;
    }
    call_off();
    // The caller may drop its handle in here, so that the function must not be a member then.
    const Transport::Connected connected = std::move(connected_);
    connected(std::move(channel), reason);
  }

  IoLoop& loop_;
  const SocketLimits limits_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  Transport::Connected connected_;
  Loop::Timer timer_ = 0;
  bool is_over_ = false;
};

class ListeningHandle final : public Handle {
 public:
  explicit ListeningHandle(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  ~ListeningHandle() override { acceptor_->close(); }
  const std::string& address() const { return acceptor_->address(); }

 private:
  std::shared_ptr<Acceptor> acceptor_;
};

class ConnectingHandle final : public Handle {
 public:
  explicit ConnectingHandle(std::shared_ptr<Connector> connector)
      : connector_(std::move(connector)) {}
  ~ConnectingHandle() override { connector_->call_off(); }

 private:
  std::shared_ptr<Connector> connector_;
};

class SocketTransport final : public Transport {
 public:
  SocketTransport(IoLoop& loop, const SocketLimits& limits) : loop_(loop), limits_(limits) {}

  Loop& loop() override { return loop_; }

  std::unique_ptr<Handle> listen(const std::string& address,
                                 std::function<void(std::unique_ptr<Channel>)> accept) override {
    auto acceptor = std::make_shared<Acceptor>(loop_, limits_, std::move(accept));
    acceptor->open(address);
    return std::make_unique<ListeningHandle>(std::move(acceptor));
  }

  std::string address_of(const Handle& listening) const override {
    return dynamic_cast<const ListeningHandle&>(listening).address();
  }

  std::unique_ptr<Handle> connect(const std::string& address, Seconds patience,
                                  Connected connected) override {
    auto connector = std::make_shared<Connector>(loop_, limits_, std::move(connected));
    connector->start(address, patience);
    return std::make_unique<ConnectingHandle>(std::move(connector));
  }

 private:
  IoLoop& loop_;
  const SocketLimits limits_;
};

}  // namespace

std::unique_ptr<Transport> make_socket_transport(IoLoop& loop, const SocketLimits& limits) {
  keep_freed_memory();
  return std::make_unique<SocketTransport>(loop, limits);
}

}  // namespace offcut::runtime
