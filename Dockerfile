# The browser's files come from npm, the program from Python. Nothing of the building stays in what runs.

FROM node:22-trixie-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --silent

FROM python:3.13-slim-trixie AS packages
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.13-slim-trixie
# pg_dump and pg_restore, for backups: their version must be at least the server's.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin netwerk && install -d -o netwerk /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY alembic.ini ./
COPY backend backend
COPY content content
COPY locale locale
COPY migrations migrations
COPY static static
COPY templates templates
COPY --from=browser /app/node_modules node_modules
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LN_DATA_DIR=/data HOST=0.0.0.0 PORT=8000 \
    LN_ALLOWED_HOSTS=localhost
RUN python -c "from backend.assets import collect_vendor; collect_vendor()" && rm -r node_modules
USER netwerk
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8000/gezondheid', timeout=4)"]
ENTRYPOINT ["python", "-m", "backend"]
CMD ["serve", "--prepare"]
