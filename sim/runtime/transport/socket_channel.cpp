// A channel over a TCP socket. Bytes are written at once as far as the system takes them, and the
// rest when it is ready again; they are read when the system has some. A watchdog looks at the
// channel from time to time, so that neither a silent nor a slow peer holds it for ever. Whatever
// is wrong with a peer closes its channel alone.
#include "sim/runtime/transport/socket_channel.h"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/runtime/transport/frame_reader.h"
#include "sim/runtime/transport/outgoing_frame.h"

namespace offcut::runtime {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// Bytes for one call of the system: few calls for large tensors, and still in the cache when the
/// system copies what was just summed up.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;

/// Bytes that a channel reads or writes before others have their turn.
constexpr std::size_t kTurnBytes = std::size_t{4} << 20U;

constexpr double kChecksPerPatience = 8;

void set_options(tcp::socket& socket, const SocketLimits& limits) {
  using Probes = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  using Idle = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Unanswered = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  constexpr int kProbes = 3;
  const double patience = limits.silence_patience.si();
  const int seconds = std::max(1, static_cast<int>(patience / (kProbes + 1)));
  error_code ignored;  // The watchdog works without any of them.
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  socket.set_option(Idle(seconds), ignored);
  socket.set_option(Interval(seconds), ignored);
  socket.set_option(Probes(kProbes), ignored);
  socket.set_option(Unanswered(std::max(1, static_cast<int>(patience * 1e3))), ignored);
}

struct Outgoing {
  OutgoingFrame frame;
  std::function<void(Seconds)> sent;

  Outgoing(Message message, std::function<void(Seconds)> callback)
      : frame(std::move(message)), sent(std::move(callback)) {}
};

/// The state of a channel. Callbacks of the socket keep it until they have run.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(IoLoop& loop, tcp::socket socket, const SocketLimits& limits, std::string peer,
             std::shared_ptr<void> guest)
      : loop_(loop),
        socket_(std::move(socket)),
        limits_(limits),
        peer_(std::move(peer)),
        guest_(std::move(guest)),
        reader_(limits.hello_bytes),
        opened_(loop.now()),
        read_at_(opened_),
        written_at_(opened_) {
    error_code error;
    socket_.non_blocking(true, error);
    set_options(socket_, limits_);
  }

  void listen(Channel::Listener listener) {
    listener_ = std::move(listener);
    watch();
    await_bytes();
  }

  void send(Message message, std::function<void(Seconds)> sent) {
    if (is_closed_) {
      return;
    }
    try {
      outgoing_.emplace_back(std::move(message), std::move(sent));
    } catch (const std::length_error& error) {
      fail(error.what());
      return;
    }
    const OutgoingFrame& frame = outgoing_.back().frame;
    if (frame.body_bytes() > limits_.message_bytes) {
      fail(fmt::format("a message of {} bytes is larger than the {} bytes allowed",
                       frame.body_bytes(), limits_.message_bytes));
      return;
    }
    waiting_ += frame.rest();
    if (outgoing_.size() == 1) {
      written_at_ = loop_.now();
      write();
    }
    if (!is_closed_ && waiting_ > limits_.waiting_bytes) {
      fail(fmt::format("it does not take its messages: {} bytes wait", waiting_));
    }
  }

  std::size_t waiting() const { return waiting_; }
  const std::string& peer() const { return peer_; }

  double payload_share() {
    using Segment = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_MAXSEG>;
    constexpr double kHeaders = 14 + 20 + 32;  // Ethernet, IPv4, TCP with timestamps.
    constexpr double kMoreOfV6 = 20;
    Segment segment;
    error_code error;
    socket_.get_option(segment, error);
    if (error || segment.value() <= 0) {
      return 1;
    }
    const bool is_v6 = socket_.local_endpoint(error).address().is_v6();
    return segment.value() / (segment.value() + kHeaders + (is_v6 ? kMoreOfV6 : 0));
  }

  void close() {
    is_closed_ = true;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    loop_.cancel(std::exchange(watchdog_, 0));
    guest_.reset();
    waiting_ = 0;
    // The frames may be in use further up; they are freed in a turn of their own.
    loop_.post([self = shared_from_this()] { self->outgoing_.clear(); });
  }

  /// Nobody hears of it any more.
  void abandon() {
    if (!is_closed_) {
      close();
    }
    is_abandoned_ = true;
  }

 private:
  void fail(const std::string& reason) {
    if (is_closed_) {
      return;
    }
    close();
    loop_.post([self = shared_from_this(), reason] {
      if (!self->is_abandoned_ && self->listener_.closed) {
        self->listener_.closed(reason);
      }
    });
  }

  void fail(const error_code& error) {
    if (error == boost::asio::error::eof || error == boost::asio::error::connection_reset ||
        error == boost::asio::error::broken_pipe) {
      fail(reader_.is_amid_message() ? "it closed the connection in the middle of a message"
                                     : "it closed the connection");
    } else {
      fail("connection lost: " + error.message());
    }
  }

  /// Nothing can be written any more, but the peer's last words may still be there.
  void fail_after_reading(const error_code& error) {
    is_broken_ = true;
    loop_.post([self = shared_from_this(), error] {
      if (!self->is_closed_) {
        self->read();
      }
      self->fail(error);
    });
  }

  void await_bytes() {
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         if (!self->is_closed_ && !error) {
                           self->read();
                         } else if (!self->is_closed_) {
                           self->fail(error);
                         }
                       });
  }

  void read() {
    for (std::size_t turn = 0; turn < kTurnBytes && !is_closed_;) {
      const auto space = reader_.space();
      const std::array<boost::asio::mutable_buffer, 2> buffers = {
          boost::asio::buffer(space[0].data(), space[0].size()),
          boost::asio::buffer(space[1].data(), space[1].size())};
      error_code error;
      const std::size_t count = socket_.read_some(buffers, error);
      if (error == boost::asio::error::would_block) {
        break;
      }
      if (error) {
        fail(error);
        return;
      }
      turn += count;
      read_at_ = loop_.now();
      reader_.received(count, read_at_);
      deliver();
      if (count < space[0].size() + space[1].size()) {
        break;  // The system has no more now.
      }
    }
    if (!is_closed_) {
      await_bytes();
    }
  }

  void deliver() {
    try {
      while (!is_closed_) {
        std::optional<ReceivedMessage> received = reader_.next();
        if (!received) {
          return;
        }
        if (!has_greeted_ && received->message.kind != MessageKind::hello) {
          fail(reason_without_hello(received->message.kind));
          return;
        }
        has_greeted_ = true;
        reader_.set_most_bytes(limits_.message_bytes);
        listener_.arrived(std::move(received->message), received->arrival);
      }
    } catch (const FrameError& error) {
      fail(error.what());
    }
  }

  void write() {
    for (std::size_t turn = 0; !is_closed_ && !is_broken_ && !outgoing_.empty();) {
      OutgoingFrame& frame = outgoing_.front().frame;
      buffers_.clear();
      for (const auto piece : frame.next(kPieceBytes)) {
        buffers_.emplace_back(piece.data(), piece.size());
      }
      error_code error;
      const std::size_t count = socket_.write_some(buffers_, error);
      if (error && error != boost::asio::error::would_block) {
        fail_after_reading(error);
        return;
      }
      turn += count;
      if (count > 0) {
        written_at_ = loop_.now();
        waiting_ -= count;
        frame.advance(count);
      }
      if (frame.rest() == 0) {
        end_frame();
      } else if (error || turn >= kTurnBytes) {
        await_room();
        return;
      }
    }
  }

  void end_frame() {
    if (outgoing_.front().sent) {
      loop_.post([self = shared_from_this(), sent = std::move(outgoing_.front().sent),
                  time = written_at_] {
        if (!self->is_abandoned_) {
          sent(time);
        }
      });
    }
    outgoing_.pop_front();
  }

  void await_room() {
    socket_.async_wait(tcp::socket::wait_write,
                       [self = shared_from_this()](const error_code& error) {
                         if (!self->is_closed_ && !error) {
                           self->write();
                         } else if (!self->is_closed_) {
                           self->fail(error);
                         }
                       });
  }

  /// Looks at the channel now, and again after a while.
  void watch() {
    const Seconds now = loop_.now();
    if (!has_greeted_ && now - opened_ > limits_.hello_patience) {
      fail(fmt::format("no valid hello within {}", to_readable(limits_.hello_patience)));
    } else if (reader_.is_amid_message() && now - read_at_ > limits_.message_patience) {
      fail(fmt::format("nothing came for {} in the middle of a message",
                       to_readable(limits_.message_patience)));
    } else if (!outgoing_.empty() && now - written_at_ > limits_.message_patience) {
      fail(fmt::format("it took nothing of a message for {}",
                       to_readable(limits_.message_patience)));
    } else {
      const Seconds pause =
          (has_greeted_ ? limits_.message_patience
                        : std::min(limits_.hello_patience, limits_.message_patience)) /
          kChecksPerPatience;
      watchdog_ = loop_.at(now + pause, [weak = weak_from_this()] {
        if (const auto self = weak.lock(); self != nullptr && !self->is_closed_) {
          self->watch();
        }
      });
    }
  }

  IoLoop& loop_;
  tcp::socket socket_;
  const SocketLimits limits_;
  const std::string peer_;
  std::shared_ptr<void> guest_;
  Channel::Listener listener_;
  FrameReader reader_;
  std::deque<Outgoing> outgoing_;
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t waiting_ = 0;
  Seconds opened_, read_at_, written_at_;
  Loop::Timer watchdog_ = 0;
  bool has_greeted_ = false;
  bool is_broken_ = false;  // Bytes can no longer be written.
  bool is_closed_ = false;
  bool is_abandoned_ = false;
};

class SocketChannel final : public Channel {
 public:
  explicit SocketChannel(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~SocketChannel() override { connection_->abandon(); }

  void listen(Listener listener) override { connection_->listen(std::move(listener)); }
  void send(Message message, std::function<void(Seconds)> sent) override {
    connection_->send(std::move(message), std::move(sent));
  }
  std::size_t waiting_bytes() const override { return connection_->waiting(); }
  void close() override { connection_->abandon(); }
  std::string peer() const override { return connection_->peer(); }
  double payload_share() const { return connection_->payload_share(); }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace

double payload_share(const Channel& channel) {
  const auto* const socket_channel = dynamic_cast<const SocketChannel*>(&channel);
  return socket_channel == nullptr ? 1 : socket_channel->payload_share();
}

std::unique_ptr<Channel> make_socket_channel(IoLoop& loop, int descriptor, bool is_v6,
                                             const SocketLimits& limits, std::string peer,
                                             std::shared_ptr<void> guest) {
  tcp::socket socket(loop.context(), is_v6 ? tcp::v6() : tcp::v4(), descriptor);
  return std::make_unique<SocketChannel>(std::make_shared<Connection>(
      loop, std::move(socket), limits, std::move(peer), std::move(guest)));
}

}  // namespace offcut::runtime
