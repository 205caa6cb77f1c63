# Finds a JDK 25 and sets JAVA_HOME, or explains what to install. Sourced by POSIX shells.
#
# Looked at in this order: HANSE_JAVA_HOME, JAVA_HOME, the usual places of Linux distributions,
# the java on the PATH. A wrong HANSE_JAVA_HOME is an error: it was asked for by name.

HANSE_JAVA_VERSION=25

# jdk_version DIR: prints the major version of the Java in DIR, nothing if there is none.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

jdk_is_right() { [ -n "${1-}" ] && [ "$(jdk_version "$1")" = "$HANSE_JAVA_VERSION" ]; }

# find_java DIR: as find_jdk, but the runtime in DIR is taken before any JDK that was not asked for by name.
find_java() {
  if [ -z "${HANSE_JAVA_HOME-}" ] && jdk_is_right "$1"; then
    JAVA_HOME=$1
    return 0
  fi
  find_jdk
}

# find_jdk: sets and exports JAVA_HOME; returns 1 with a message when there is no JDK 25.
find_jdk() {
  if [ -n "${HANSE_JAVA_HOME-}" ]; then
    if jdk_is_right "$HANSE_JAVA_HOME"; then
      JAVA_HOME=$HANSE_JAVA_HOME
      export JAVA_HOME
      return 0
    fi
    echo "hanse: HANSE_JAVA_HOME=$HANSE_JAVA_HOME is not a JDK $HANSE_JAVA_VERSION" >&2
    return 1
  fi
  on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path") || on_path=
  for candidate in "${JAVA_HOME-}" \
    "/usr/lib/jvm/temurin-$HANSE_JAVA_VERSION-jdk-amd64" \
    /usr/lib/jvm/*"$HANSE_JAVA_VERSION"* /opt/*jdk*"$HANSE_JAVA_VERSION"* \
    "${on_path%/bin/java}"; do
    if jdk_is_right "$candidate"; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  cat >&2 <<MESSAGE
hanse: no JDK $HANSE_JAVA_VERSION found. Hanse needs one; on Debian or Ubuntu for example Eclipse Temurin's:
  apt-get install -y wget gpg
  wget -qO- https://packages.adoptium.net/artifactory/api/gpg/key/public | gpg --dearmor > /etc/apt/trusted.gpg.d/adoptium.gpg
  echo "deb https://packages.adoptium.net/artifactory/deb \$(. /etc/os-release; echo \$VERSION_CODENAME) main" > /etc/apt/sources.list.d/adoptium.list
  apt-get update && apt-get install -y temurin-$HANSE_JAVA_VERSION-jdk
or unpack any JDK $HANSE_JAVA_VERSION and set HANSE_JAVA_HOME to its directory.
MESSAGE
  return 1
}
