# Three steps: the pages, the binary, and an image with nothing else in it.
FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci
COPY web/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG RELEASE=dev
RUN go build -tags web -trimpath -ldflags "-s -w -X main.release=${RELEASE}" -o /yizhan ./cmd/yizhan

FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gdal-bin && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/yizhan --create-home yizhan
COPY --from=build /yizhan /usr/local/bin/yizhan
COPY LICENSE NOTICE /usr/share/doc/yizhan/
USER yizhan
ENV YIZHAN_LISTEN=0.0.0.0:8080 YIZHAN_DATA=/var/lib/yizhan
VOLUME /var/lib/yizhan
EXPOSE 8080
ENTRYPOINT ["yizhan"]
CMD ["serve"]
