# offcut on Debian 12: its package is built in one stage and installed in another, where an ordinary user runs it.
#   docker build -t offcut .
#   docker run --rm -v "$PWD:/work" offcut run /usr/share/offcut/scenarios/quickstart.yaml
FROM debian:12 AS build
WORKDIR /offcut
COPY . .
RUN ./dev package

FROM debian:12-slim
COPY --from=build /offcut/build/package/offcut_*.deb /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends /tmp/offcut_*.deb python3-matplotlib python3-pandas \
    && rm -rf /var/lib/apt/lists/* /tmp/offcut_*.deb \
    && useradd --create-home user \
    && install -d -o user -g user /work
USER user
WORKDIR /work
ENTRYPOINT ["offcut"]
CMD ["--help"]
