#include "sim/runtime/service/front.h"

#include <doctest/doctest.h>

#include "sim/runtime/service/service_metrics.h"
#include "sim/runtime/service/token.h"
#include "tests/sim/runtime/service/small_model.h"

namespace offcut::runtime::front_test {
namespace {

Decision decide(RequestHead head, const std::string& token = "") {
  SmallModel model;
  return Front(model, token, "0.1").decide(head);
}

unsigned status(const RequestHead& head, const std::string& token = "") {
  const Decision decision = decide(head, token);
  return decision.reply ? decision.reply->status : 0;
}

std::string body(const std::string& target) {
  const Decision decision = decide({.method = "GET", .target = target});
  REQUIRE(decision.reply);
  CHECK(decision.reply->status == 200);
  return decision.reply->body;
}

}  // namespace

TEST_CASE("Front: metadata and health") {
  CHECK(body("/v2") == R"({"name":"offcut","version":"0.1","extensions":["binary_tensor_data"]})");
  CHECK(body("/v2/") == body("/v2"));
  CHECK(body("http://host:1/v2?x=/y") == body("/v2"));
  CHECK(body("/v2/health/live") == R"({"live":true})");
  CHECK(body("/v2/health/ready") == R"({"ready":true})");
  CHECK(body("/v2/models/small/ready") == R"({"name":"small","ready":true})");
  CHECK(body("/v2/models/sm%61ll/versions/1/ready") == body("/v2/models/small/ready"));
  CHECK(
      body("/v2/models/small/versions/1") ==
      R"({"name":"small","versions":["1"],"platform":"onnx_onnxv1",)"
      R"("inputs":[{"name":"x","datatype":"FP32","shape":[2,3]}],)"
      R"("outputs":[{"name":"y","datatype":"FP32","shape":[2,3]},{"name":"big","datatype":"BOOL","shape":[2,3]}]})");
}

TEST_CASE("Front: a model that is not ready") {
  SmallModel model;
  model.ready = false;
  const Front front(model, "", "0.1");
  for (const char* target : {"/v2/health/ready", "/v2/models/small/ready"}) {
    CHECK(front.decide({.method = "GET", .target = target}).reply->status == 503);
  }
  CHECK(front.decide({.method = "GET", .target = "/v2/health/live"}).reply->status == 200);
}

TEST_CASE("Front: unknown paths and models, wrong methods") {
  for (const char* target : {"/",
                             "",
                             "v2",
                             "*",
                             "/v3",
                             "/v2/models",
                             "/v2/models/",
                             "/v2/models//infer",
                             "/v2/models/other",
                             "/v2/models/../small/infer",
                             "/v2/models/..%2f..%2fetc%2fpasswd",
                             "/v2/models/small/versions/2",
                             "/v2/models/small/versions",
                             "/v2/models/small/infer/x",
                             "/v2/models/small%00",
                             "/v2/%zz",
                             "/v2/%",
                             "/v2/models/small%2finfer",
                             "/v2/health",
                             "/metrics/x"}) {
    CAPTURE(target);
    CHECK(status({.method = "GET", .target = target}) == 404);
  }
  CHECK(decide({.method = "GET", .target = "/v2/models/smal"}).reply->body ==
        R"({"error":"there is no model 'smal'; did you mean 'small'?"})");
  CHECK(status({.method = "POST", .target = "/v2"}) == 405);
  CHECK(status({.method = "GET", .target = "/v2/models/small/infer"}) == 405);
  CHECK(status({.method = "HEAD", .target = "/v2"}) == 200);
  const Decision options = decide({.method = "OPTIONS", .target = "/v2/models/small/infer"});
  CHECK(options.reply->status == 204);
  CHECK(options.reply->fields ==
        std::vector<std::pair<std::string, std::string>>{{"Allow", "OPTIONS, POST"}});
}

TEST_CASE("Front: bodies") {
  RequestHead head{.method = "POST", .target = "/v2/models/small/infer"};
  CHECK(status(head) == 0);
  for (const char* type :
       {"application/json", "Application/JSON ; charset=utf-8", "application/octet-stream"}) {
    head.content_type = type;
    CHECK(status(head) == 0);
  }
  head.content_type = "text/plain";
  CHECK(status(head) == 415);
  head.content_type.reset();
  head.content_encoding = "gzip";
  CHECK(status(head) == 415);
  head.content_encoding = "identity";
  head.json_bytes = "12";
  CHECK(decide(head).json_bytes == 12);
  for (const char* text : {"", "-1", "1x", "99999999999999999999"}) {
    head.json_bytes = text;
    CHECK(status(head) == 400);
  }
}

TEST_CASE("Front: the token") {
  RequestHead head{.method = "GET", .target = "/v2"};
  CHECK(status(head, "secret") == 401);
  for (const char* wrong :
       {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret"}) {
    head.authorization = wrong;
    CHECK(status(head, "secret") == 401);
  }
  head.authorization = "bearer secret";
  CHECK(status(head, "secret") == 200);
  head.authorization.reset();
  for (const char* target :
       {"/metrics", "/v2/models/small", "/v2/models/small/ready", "/nowhere"}) {
    head.target = target;
    CHECK(status(head, "secret") == 401);
  }
  for (const char* target : {"/v2/health/live", "/v2/health/ready"}) {
    head.target = target;
    CHECK(status(head, "secret") == 200);
  }
  CHECK(!holds_token("Bearer ", ""));
}

TEST_CASE("ServiceMetrics: a histogram is cumulative and ends with all") {
  ServiceMetrics metrics;
  metrics.call_queued();
  metrics.call_started();
  CHECK(metrics.calls() == 1);
  metrics.call_ended(Outcome::answered, Seconds(0.001));
  metrics.call_ended(Outcome::answered, Seconds(0.03));
  metrics.call_ended(Outcome::answered, Seconds(60));
  metrics.call_ended(Outcome::invalid, Seconds(1));
  metrics.reply(Route::infer, 200);
  metrics.reply(std::nullopt, 404);
  const std::string text = metrics.text({.model = "a\"b", .version = "0.1", .ready = true});
  for (const char* line :
       {"offcut_inference_duration_seconds_bucket{model=\"a\\\"b\",le=\"0.001\"} 1\n",
        "offcut_inference_duration_seconds_bucket{model=\"a\\\"b\",le=\"0.05\"} 2\n",
        "offcut_inference_duration_seconds_bucket{model=\"a\\\"b\",le=\"+Inf\"} 3\n",
        "offcut_inference_duration_seconds_sum{model=\"a\\\"b\"} 60.031\n",
        "offcut_inference_duration_seconds_count{model=\"a\\\"b\"} 3\n",
        "offcut_inference_requests_total{model=\"a\\\"b\",outcome=\"invalid\"} 1\n",
        "offcut_inference_in_flight 1\n",
        "offcut_http_requests_total{path=\"other\",code=\"404\"} 1\n",
        "offcut_http_requests_total{path=\"infer\",code=\"200\"} 1\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

}  // namespace offcut::runtime::front_test
