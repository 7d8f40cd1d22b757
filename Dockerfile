# The receiver alone: docker build -t briefship-receiver . && docker run --env-file .env -p 8000:8000 briefship-receiver
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
# Holds for hatchling too, which pip fetches to build the wheel.
ENV PIP_CONSTRAINT=constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY templates templates
COPY builder builder
COPY receiver receiver
COPY briefship briefship
RUN pip --python /app/bin/python install '.[receiver]'

FROM python:3.11-slim-bookworm
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)"]
CMD ["python", "-m", "receiver"]
