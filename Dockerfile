# Headwater as a server. Built from this repository: docker build -t headwater .
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY packages/engine/package.json packages/engine/
COPY packages/browser/package.json packages/browser/
COPY packages/client/package.json packages/client/
COPY packages/dashboard/package.json packages/dashboard/
COPY packages/server/package.json packages/server/
COPY packages/server/bin packages/server/bin
RUN npm ci --no-audit --no-fund
COPY . .
# What runs is exactly what the lock file names, without what only builds.
RUN npm run build && npm ci --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production HEADWATER_DATA=/data PORT=4400
WORKDIR /app
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/packages packages
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4400
# Ready is more than alive: the database answers, and no click was lost lately.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in front, so that SIGTERM arrives and what is in flight is finished.
CMD ["node", "packages/server/bin/headwater.js", "serve"]
