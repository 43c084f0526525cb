# The page, built with Node.js.
FROM node:24-slim AS page
WORKDIR /src/widget_frontend
COPY widget_frontend/package.json widget_frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY widget_frontend/ ./
RUN npm run build

# The packages, without compilers in the final image.
FROM python:3.13-slim AS packages
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/stepgate && /opt/stepgate/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/stepgate --create-home stepgate
COPY --from=packages /opt/stepgate /opt/stepgate
WORKDIR /srv/stepgate
COPY app/ app/
COPY migrations/ migrations/
COPY alembic.ini pyproject.toml README.md ./
COPY --from=page /src/app/web/ app/web/
ENV PATH=/opt/stepgate/bin:$PATH \
    PYTHONPATH=/srv/stepgate \
    PYTHONUNBUFFERED=1 \
    STEPGATE_DATABASE_URL=sqlite:////var/lib/stepgate/stepgate.db \
    STEPGATE_SPOOL_DIR=/var/lib/stepgate/spool
USER stepgate
VOLUME /var/lib/stepgate
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
