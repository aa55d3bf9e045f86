# CourierX with a PostgreSQL of your own: set DATABASE_URL, COURIERX_ENCRYPTION_KEY and
# COURIERX_JWT_SECRET. The base image brings Node 24, so neither it nor the embedded database is
# installed.
FROM node:24-bookworm-slim AS dashboard

WORKDIR /app
COPY package.json package-lock.json ./
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/server/package.json apps/server/
COPY packages/contract/package.json packages/contract/
COPY packages/sdk/package.json packages/sdk/
RUN npm ci --include-workspace-root --workspace @courierx/dashboard --workspace @courierx/contract
COPY tsconfig.json ./
COPY packages/contract packages/contract
COPY apps/dashboard apps/dashboard
RUN npm run build

FROM node:24-bookworm-slim

WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000

COPY package.json package-lock.json ./
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/server/package.json apps/server/
COPY packages/contract/package.json packages/contract/
COPY packages/sdk/package.json packages/sdk/
RUN npm ci --omit=dev --omit=optional --workspace @courierx/server --workspace @courierx/contract && npm cache clean --force

COPY apps/server apps/server
COPY packages packages
COPY docs docs
COPY --from=dashboard /app/apps/dashboard/dist apps/dashboard/dist

USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that it gets the signal to stop.
CMD ["node", "--max-semi-space-size=16", "apps/server/bin/courierx.js", "start"]
