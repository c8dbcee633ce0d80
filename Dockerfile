# Installs with pip in one stage, runs in another: what runs has no pip, no compiler and no root.

FROM docker.io/library/python:3.13-slim AS build
RUN python -m venv /opt/berth
# The requirements first: they change seldom, and so their layer is kept.
COPY requirements.lock /src/
RUN /opt/berth/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /src/requirements.lock \
 && /opt/berth/bin/pip uninstall --yes --quiet pip
# Berth is pure Python: its packages need no building. The Slack app's manifest goes beside them, where
# `berth doctor` compares it with the scopes that were granted.
COPY bot /src/site/bot
COPY handlers /src/site/handlers
COPY store /src/site/store
COPY manifest.json /src/site/
RUN cp -r /src/site/. "$(/opt/berth/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
 && printf '#!/opt/berth/bin/python\nfrom bot.__main__ import main\n\nmain()\n' > /opt/berth/bin/berth \
 && chmod 755 /opt/berth/bin/berth \
 && /opt/berth/bin/python -m compileall -q /opt/berth

FROM docker.io/library/python:3.13-slim
RUN pip uninstall --yes --quiet --root-user-action=ignore pip
COPY --from=build /opt/berth /opt/berth
ENV PATH=/opt/berth/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BERTH_HTTP_ADDRESS=:8080
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /tmp
EXPOSE 8080
CMD ["berth", "run"]
