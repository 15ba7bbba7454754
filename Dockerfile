# rnnlm in an image, with the newest dependencies that setup.cfg allows.
#
#   docker build --tag rnnlm .
#   docker run --rm --volume "$PWD:/work" --user "$(id -u):$(id -g)" rnnlm train --config configs/hello.yaml
#
# The working directory is /work: paths are those of the directory that is mounted there. Extras:
# --build-arg EXTRAS='[subword,tune]'. A training is resumed after docker stop as after Ctrl-C.

FROM python:3.13-slim-trixie AS build
ARG EXTRAS=""
WORKDIR /source
COPY . .
RUN python -m venv /opt/rnnlm \
    && /opt/rnnlm/bin/python -m pip install --no-cache-dir --disable-pip-version-check ".${EXTRAS}" \
    && /opt/rnnlm/bin/python -m pip uninstall --yes pip

# the same image, so that the environment finds its Python
FROM python:3.13-slim-trixie
COPY --from=build /opt/rnnlm /opt/rnnlm
ENV PATH="/opt/rnnlm/bin:$PATH"
WORKDIR /work
RUN chown 1000:1000 /work
USER 1000:1000
# the first process of a container ignores SIGTERM unless a program handles it; Python handles SIGINT
STOPSIGNAL SIGINT
ENTRYPOINT ["rnnlm"]
CMD ["--help"]
