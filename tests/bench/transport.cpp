// The cost of a hop over loopback, beside an echo by Boost.Asio alone and a copy in memory, in the
// same run: messages go to another thread and back, and half of the round trip is a hop. The three
// take turns, so that a change of the machine's speed meets all of them.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/socket_transport.h"

namespace {

using namespace offcut;
using namespace offcut::runtime;
using boost::asio::ip::tcp;

/// Half the time of each round trip, in seconds.
using Hops = std::vector<double>;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double quantile(Hops hops, double share) {
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(hops.size()));
  std::nth_element(hops.begin(), hops.begin() + place, hops.end());
  return hops[static_cast<std::size_t>(place)];
}

/// An echo that Asio's own functions make, by asynchronous reads and writes of a known size.
class BareEcho {
 public:
  BareEcho() : acceptor_(far_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    near_socket_.connect(acceptor_.local_endpoint());
    acceptor_.accept(far_socket_);
    near_socket_.set_option(tcp::no_delay(true));
    far_socket_.set_option(tcp::no_delay(true));
  }

  void measure(std::size_t bytes, int rounds, Hops& hops) {
    std::vector<char> there(bytes, 'x');
    std::vector<char> back(bytes);
    std::thread far([&] {
      far_.restart();
      echo(back, rounds);
      far_.run();
    });
    std::vector<char> received(bytes);
    near_.restart();
    ask(there, received, rounds, hops);
    near_.run();
    far.join();
  }

 private:
  void echo(std::vector<char>& bytes, int rounds) {
    if (rounds == 0) {
      return;
    }
    boost::asio::async_read(far_socket_, boost::asio::buffer(bytes), [&, rounds](auto, auto) {
      boost::asio::async_write(far_socket_, boost::asio::buffer(bytes),
                               [&, rounds](auto, auto) { echo(bytes, rounds - 1); });
    });
  }

  void ask(const std::vector<char>& there, std::vector<char>& back, int rounds, Hops& hops) {
    if (rounds == 0) {
      return;
    }
    const double start = seconds_now();
    boost::asio::async_write(near_socket_, boost::asio::buffer(there), [](auto, auto) {});
    boost::asio::async_read(near_socket_, boost::asio::buffer(back),
                            [&, rounds, start](auto, auto) {
                              hops.push_back((seconds_now() - start) / 2);
                              ask(there, back, rounds - 1, hops);
                            });
  }

  boost::asio::io_context near_{1}, far_{1};
  tcp::socket near_socket_{near_}, far_socket_{far_};
  tcp::acceptor acceptor_;
};

/// The same by the transport: a node that sends back each tensor that it receives.
class TransportEcho {
 public:
  TransportEcho() {
    far_transport_ = make_socket_transport(far_);
    near_transport_ = make_socket_transport(near_);
    listening_ = far_transport_->listen("127.0.0.1:0", [this](std::unique_ptr<Channel> channel) {
      server_ = std::move(channel);
      server_->listen({[this](Message message, Arrival) {
                         if (message.kind == MessageKind::request) {
                           message.kind = MessageKind::answer;
                           server_->send(std::move(message));
                         }
                       },
                       [](const std::string&) {}});
      server_->send({.kind = MessageKind::hello});
    });
    connecting_ = near_transport_->connect(
        far_transport_->address_of(*listening_), Seconds(5),
        [this](std::unique_ptr<Channel> channel, const std::string& reason) {
          if (channel == nullptr) {
            throw std::runtime_error(reason);
          }
          client_ = std::move(channel);
          client_->listen({[this](const Message& message, Arrival) {
                             if (message.kind == MessageKind::answer) {
                               answered_();
                             }
                           },
                           [](const std::string&) {}});
          client_->send({.kind = MessageKind::hello});
          near_.stop();
        });
    far_thread_ = std::thread([this] { far_.run(); });
    near_.run();
  }
  ~TransportEcho() {
    far_.stop();
    far_thread_.join();
  }

  void measure(std::size_t bytes, int rounds, Hops& hops) {
    const Message message{
        .kind = MessageKind::request,
        .tensors = {{.name = "x",
                     .values = Tensor({DataType::uint8, {static_cast<std::int64_t>(bytes)}})}}};
    double start = 0;
    const auto ask = [&] {
      start = seconds_now();
      client_->send(message);
    };
    answered_ = [&] {
      hops.push_back((seconds_now() - start) / 2);
      if (--rounds == 0) {
        near_.stop();
      } else {
        ask();
      }
    };
    ask();
    near_.run();
  }

 private:
  IoLoop near_, far_;
  std::unique_ptr<Transport> near_transport_, far_transport_;
  std::unique_ptr<Handle> listening_, connecting_;
  std::unique_ptr<Channel> client_, server_;
  std::function<void()> answered_;
  std::thread far_thread_;
};

void measure_copies(std::size_t bytes, int rounds, Hops& hops) {
  std::vector<char> from(bytes, 'x');
  std::vector<char> to(bytes);
  for (int round = 0; round < rounds; ++round) {
    const double start = seconds_now();
    std::memcpy(to.data(), from.data(), bytes);
    asm volatile("" : : "r"(to.data()) : "memory");  // Nobody else reads the copy.
    hops.push_back(seconds_now() - start);
  }
}

struct Row {
  std::size_t bytes;
  double bare, hop, copy;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures the cost of a hop over loopback.");
  int rounds = 2000;
  int turns = 20;
  app.add_option("--rounds", rounds, "Round trips of each size and turn")->capture_default_str();
  double share = 0.5;
  app.add_option("--quantile", share, "Of the hops; a low one sees less of other programs")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  app.add_option("--turns", turns, "Turns of each kind of echo")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  BareEcho bare;
  TransportEcho transport;
  std::vector<Row> rows;
  fmt::print("{:>9} {:>10} {:>10} {:>10} {:>10} {:>16}\n", "bytes", "bare us", "hop us", "more us",
             "copy us", "more / copy");
  for (const std::size_t bytes :
       {std::size_t{1}, std::size_t{10'000}, std::size_t{100'000}, std::size_t{1'000'000}}) {
    const int count = std::max<int>(1, rounds / static_cast<int>(1 + bytes / 10'000) / turns);
    Hops bare_hops, hops, copies;
    for (int turn = 0; turn < turns; ++turn) {
      bare.measure(bytes, count, bare_hops);
      transport.measure(bytes, count, hops);
      measure_copies(bytes, count, copies);
    }
    const Row row{bytes, quantile(bare_hops, share), quantile(hops, share),
                  quantile(copies, share)};
    fmt::print("{:>9} {:>10.1f} {:>10.1f} {:>10.1f} {:>10.1f} {:>16.2f}\n", bytes, row.bare * 1e6,
               row.hop * 1e6, (row.hop - row.bare) * 1e6, row.copy * 1e6,
               (row.hop - row.bare) / row.copy);
    rows.push_back(row);
  }
  const Row& small = rows.front();
  const Row& large = rows.back();
  fmt::print("fixed: {:.1f} us per hop, {:.1f} us more than the bare echo\n", small.hop * 1e6,
             (small.hop - small.bare) * 1e6);
  fmt::print("1 MB: {:.2f} times the bare echo; the tensor costs {:.2f} copies more\n",
             large.hop / large.bare,
             ((large.hop - small.hop) - (large.bare - small.bare)) / large.copy);
}
