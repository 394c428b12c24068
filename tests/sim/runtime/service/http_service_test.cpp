#include "sim/runtime/service/http_service.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "models/base/error.h"
#include "tests/sim/runtime/service/raw_client.h"
#include "tests/sim/runtime/service/small_model.h"

namespace offcut::runtime::http_service_test {
namespace {

const std::string kBody =
    R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2,3],"data":[1,2,3,4,5,6.5]}],"outputs":[{"name":"y"}]})";
const std::string kAnswer =
    R"({"model_name":"small","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[2,3],"data":[0.5,1,1.5,2,2.5,3.25]}]})";

std::string infer(const std::string& body, const std::string& fields = "") {
  return "POST /v2/models/small/infer HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" +
         fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string kLive = "GET /v2/health/live HTTP/1.1\r\nHost: h\r\n\r\n";

ServiceSettings on_free_port() { return {.address = "127.0.0.1:0"}; }

bool has_status(const std::string& answer, int status) {
  const bool has = answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
  CHECK_MESSAGE(has, answer);
  return has;
}

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

/// Checks that somebody else is answered now.
void check_serves(const HttpService& service) {
  RawClient other(service.address());
  other.send(infer(kBody));
  CHECK(body_of(other.answer()) == kAnswer);
}

void wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 10'000 && !holds(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(holds());
}

std::string error_of(const std::string& address) {
  SmallModel model;
  try {
    const HttpService service(model, {.address = address});
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("HttpService: an answer, and another one on the same connection") {
  SmallModel model;
  HttpService service(model, on_free_port());
  RawClient client(service.address());
  for (int i = 0; i < 3; ++i) {
    client.send(infer(kBody));
    const std::string answer = client.answer();
    has_status(answer, 200);
    CHECK(answer.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(body_of(answer) == kAnswer);
  }
  client.send(kLive);
  CHECK(body_of(client.answer()) == R"({"live":true})");
}

TEST_CASE("HttpService: pipelined requests are answered in order") {
  SmallModel model;
  HttpService service(model, on_free_port());
  RawClient client(service.address());
  client.send(kLive + infer(kBody) + "HEAD /v2 HTTP/1.1\r\nHost: h\r\n\r\n" + kLive);
  CHECK(body_of(client.answer()) == R"({"live":true})");
  CHECK(body_of(client.answer()) == kAnswer);
  const std::string head = client.answer(false);
  CHECK(head.find("Content-Length: 66\r\n") != std::string::npos);
  CHECK(body_of(head) == "");
  CHECK(body_of(client.answer()) == R"({"live":true})");
}

TEST_CASE("HttpService: chunked bodies, Expect, HTTP/1.0, Connection: close") {
  SmallModel model;
  HttpService service(model, on_free_port());
  RawClient client(service.address());
  const std::string head = "POST /v2/models/small/infer HTTP/1.1\r\nHost: h\r\n";
  client.send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n" + kBody.substr(0, 5) +
              "\r\n3;x=y\r\n" + kBody.substr(5, 3) + "\r\n");
  char size[16];
  std::snprintf(size, sizeof size, "%zx", kBody.size() - 8);
  client.send(std::string(size) + "\r\n" + kBody.substr(8) + "\r\n0\r\n\r\n");
  CHECK(body_of(client.answer()) == kAnswer);

  client.send(head + "Expect: 100-continue\r\nContent-Length: " + std::to_string(kBody.size()) +
              "\r\n\r\n");
  CHECK(client.answer() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(kBody);
  CHECK(body_of(client.answer()) == kAnswer);

  client.send("GET /v2/health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(body_of(client.rest()) == R"({"live":true})");

  RawClient old(service.address());
  old.send("GET /v2/health/live HTTP/1.0\r\n\r\n");
  const std::string answer = old.rest();
  CHECK(answer.starts_with("HTTP/1.0 200 OK\r\n"));
  CHECK(body_of(answer) == R"({"live":true})");
}

TEST_CASE("HttpService: a client that closes its sending side is still answered") {
  SmallModel model;
  HttpService service(model, on_free_port());
  RawClient client(service.address());
  client.send(infer(kBody));
  client.finish_sending();
  CHECK(body_of(client.rest()) == kAnswer);
}

TEST_CASE("HttpService: an error in a request does not end its connection") {
  SmallModel model;
  HttpService service(model, on_free_port());
  RawClient client(service.address());
  for (const std::string& body : {std::string("{"), std::string(1000, '['), std::string("\xff\xfe"),
                                  std::string(), std::string(R"({"inputs":[]})")}) {
    client.send(infer(body));
    const std::string answer = client.answer();
    has_status(answer, 400);
    CHECK(body_of(answer).starts_with("{\"error\":\""));
  }
  client.send(infer(kBody));
  CHECK(body_of(client.answer()) == kAnswer);
}

TEST_CASE("HttpService: what is no HTTP, or too large, is refused") {
  SmallModel model;
  ServiceSettings settings = on_free_port();
  settings.header_bytes = 1000;
  settings.body_bytes = 500;
  HttpService service(model, settings);
  const std::string head = "POST /v2/models/small/infer HTTP/1.1\r\nHost: h\r\n";
  const std::vector<std::pair<int, std::string>> requests = {
      {400, "\x16\x03\x01\x02\x00\x01\r\n\r\n"},
      {400, "hello\r\n\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {400, "GET /v2 HTTP/1.1\r\nno colon\r\n\r\n"},
      {400, head + "Content-Length: -1\r\n\r\n"},
      {400, head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
      {400, head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"},
      {400, head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
      {413, head + "Content-Length: 99999999999999\r\n\r\n"},
      {413, head + "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + std::string(65535, ' ')},
      {413, infer(std::string(501, ' '))},
      {431, "GET /v2 HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"},
      {417, head + "Expect: tea\r\nContent-Length: 5\r\n\r\nhello"},
      {405, "PUT /v2 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {404, "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"},
      {415,
       "POST /v2/models/small/infer HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: "
       "2\r\n\r\n{}"}};
  for (const auto& [status, text] : requests) {
    CAPTURE(text.substr(0, 200));
    RawClient client(service.address());
    client.send(text);
    has_status(client.answer(), status);
  }
  check_serves(service);
}

TEST_CASE("HttpService: slow headers and bodies end, and delay nobody else") {
  SmallModel model;
  ServiceSettings settings = on_free_port();
  settings.header_time = settings.body_time = settings.idle_time = Seconds(0.2);
  HttpService service(model, settings);
  RawClient silent(service.address());
  RawClient in_header(service.address());
  in_header.send("GET /v2 HTTP/1.1\r\nHos");
  RawClient in_body(service.address());
  in_body.send(infer(kBody).substr(0, 150));
  check_serves(service);
  has_status(in_header.rest(), 408);
  has_status(in_body.rest(), 408);
  CHECK(silent.rest() == "");
}

TEST_CASE("HttpService: a client that goes away in the middle") {
  SmallModel model;
  model.hold = true;
  HttpService service(model, on_free_port());
  {
    RawClient in_header(service.address());
    in_header.send("GET /v2 HT");
    RawClient in_body(service.address());
    in_body.send(infer(kBody).substr(0, 150));
    RawClient waiting(service.address());
    waiting.send(infer(kBody));
    wait_until([&] { return model.held() == 1; });
  }
  model.release();
  RawClient client(service.address());
  client.send(kLive);
  has_status(client.answer(), 200);
}

TEST_CASE("HttpService: a new connection takes the place of the one that waits longest") {
  SmallModel model;
  ServiceSettings settings = on_free_port();
  settings.connections_per_peer = 8;
  HttpService service(model, settings);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<RawClient>(service.address()));
    slow.back()->send("GET /v2 HT");
  }
  for (int i = 0; i < 5; ++i) {
    check_serves(service);
  }
  CHECK(slow.front()->rest() == "");
}

TEST_CASE("HttpService: connections that are being answered keep their place") {
  SmallModel model;
  model.hold = true;
  ServiceSettings settings = on_free_port();
  settings.connections = 2;
  HttpService service(model, settings);
  RawClient first(service.address());
  RawClient second(service.address());
  first.send(infer(kBody));
  second.send(infer(kBody));
  wait_until([&] { return model.held() == 2; });
  RawClient third(service.address());
  const std::string refusal = third.rest();
  has_status(refusal, 503);
  CHECK(body_of(refusal) == "{\"error\":\"too many connections\"}\r\n");
  model.release();
  CHECK(body_of(first.answer()) == kAnswer);
  CHECK(body_of(second.answer()) == kAnswer);
}

TEST_CASE("HttpService: overload and time limits of calls") {
  SmallModel model;
  model.hold = true;
  ServiceSettings settings = on_free_port();
  settings.calls = 1;
  settings.compute_time = Seconds(0.2);
  HttpService service(model, settings);
  RawClient first(service.address());
  first.send(infer(kBody));
  wait_until([&] { return model.held() == 1; });
  RawClient second(service.address());
  second.send(infer(kBody));
  const std::string overloaded = second.answer();
  has_status(overloaded, 429);
  CHECK(overloaded.find("Retry-After: 1\r\n") != std::string::npos);
  has_status(first.answer(), 503);
  second.send(infer(kBody));  // The model still has the first one.
  has_status(second.answer(), 429);
  model.release();
  first.send(kLive);  // The late answer is not sent.
  CHECK(body_of(first.answer()) == R"({"live":true})");
}

TEST_CASE("HttpService: the memory for bodies is bounded") {
  SmallModel model;
  ServiceSettings settings = on_free_port();
  settings.all_body_bytes = 300'000;
  settings.body_bytes = 10'000'000;
  HttpService service(model, settings);
  RawClient first(service.address());
  first.send(infer(std::string(200'000, ' ')).substr(0, 150'000));
  RawClient second(service.address());
  second.send(infer(std::string(1'000'000, ' ')));
  has_status(second.answer(), 503);
  check_serves(service);  // A small one still fits.
}

TEST_CASE("HttpService: what others refuse") {
  for (const auto& [status, code] : {std::pair(CallResult::Status::overloaded, 429),
                                     {CallResult::Status::unavailable, 503},
                                     {CallResult::Status::failed, 400}}) {
    SmallModel model;
    model.refusal = {.status = status, .reason = "no cloud"};
    HttpService service(model, on_free_port());
    RawClient client(service.address());
    client.send(infer(kBody));
    const std::string answer = client.answer();
    has_status(answer, code);
    CHECK(body_of(answer) == R"({"error":"no cloud"})");
  }
}

TEST_CASE("HttpService: the token, and metrics that count what happened") {
  SmallModel model;
  ServiceSettings settings = on_free_port();
  settings.token = "secret";
  HttpService service(model, settings);
  RawClient client(service.address());
  client.send(infer(kBody));
  const std::string refusal = client.rest();  // Its body was not read.
  has_status(refusal, 401);
  CHECK(refusal.find("WWW-Authenticate: Bearer\r\n") != std::string::npos);
  RawClient known(service.address());
  known.send(infer(kBody, "Authorization: Bearer secret\r\n"));
  CHECK(body_of(known.answer()) == kAnswer);
  known.send("GET /metrics HTTP/1.1\r\nAuthorization: Bearer secret\r\n\r\n");
  const std::string metrics = known.answer();
  CHECK(metrics.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") !=
        std::string::npos);
  for (const char* line :
       {"offcut_http_requests_total{path=\"infer\",code=\"200\"} 1\n",
        "offcut_http_requests_total{path=\"infer\",code=\"401\"} 1\n",
        "offcut_inference_requests_total{model=\"small\",outcome=\"answered\"} 1\n",
        "offcut_inference_in_flight 0\n", "offcut_http_body_bytes 0\n",
        "offcut_http_connections_total 2\n"}) {
    CAPTURE(line);
    CHECK(metrics.find(line) != std::string::npos);
  }
}

TEST_CASE("HttpService: a stop answers what is under way and closes the rest") {
  SmallModel model;
  model.hold = true;
  HttpService service(model, on_free_port());
  RawClient idle(service.address());
  RawClient waiting(service.address());
  waiting.send(infer(kBody));
  wait_until([&] { return model.held() == 1; });
  std::thread stopping([&] { service.stop(); });
  CHECK(idle.rest() == "");
  model.release();
  const std::string answer = waiting.rest();
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(body_of(answer) == kAnswer);
  stopping.join();
  CHECK_THROWS(RawClient(service.address()));
}

TEST_CASE("HttpService: a call may end after the service") {
  SmallModel model;
  model.hold = true;
  ServiceSettings settings = on_free_port();
  settings.stop_time = Seconds(0.05);
  {
    HttpService service(model, settings);
    RawClient waiting(service.address());
    waiting.send(infer(kBody));
    wait_until([&] { return model.held() == 1; });
  }
  model.release();
}

TEST_CASE("HttpService: addresses") {
  CHECK(error_of("[::1]:0") == "");
  CHECK(error_of("0.0.0.0:0").find("needs a token (--token)") != std::string::npos);
  CHECK(error_of("127.0.0.1").find("the port is missing; expected HOST:PORT") != std::string::npos);
  SmallModel model;
  const HttpService first(model, on_free_port());
  CHECK(error_of(first.address()).find("can't listen: Address already in use") !=
        std::string::npos);
}

}  // namespace offcut::runtime::http_service_test
