# The server on a small image: no build tools, no root, and nothing to write but /data.
# docker build -t identity-service . && docker run --rm -p 8000:8000 -v identity:/data identity-service
FROM python:3.13-slim AS build
WORKDIR /src
RUN python3 -m venv /venv
COPY requirements/app.txt requirements/
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
        --require-hashes -r requirements/app.txt
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY identity_service identity_service
RUN /venv/bin/python -m pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
        --wheel-dir /dist . \
    && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index /dist/*.whl \
    && /venv/bin/python -m pip uninstall --yes --quiet hatchling trove-classifiers pathspec pluggy tomlkit pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="identity-service" \
      org.opencontainers.image.description="An OAuth 2 / OpenID Connect authorization server" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data
COPY --from=build /venv /venv
RUN useradd --no-log-init --no-create-home --uid 10001 --home-dir /data --shell /usr/sbin/nologin identity \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
ENTRYPOINT ["identity-service"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
