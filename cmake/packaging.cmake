# Debian packages of the installed files: `cpack -G DEB` in a build folder (docs/install.md). `offcut` has the program,
# its data, plots and documentation; `offcut-mpi` the module for sweeps under MPI, whose libraries few users need. Headers
# and static libraries (component "development") are in no package: their interfaces may change with each version, and
# `cmake --install` gives them to a project that links offcut.

# The pages keep the places that they have in the source tree, so that links between them work.
install(FILES README.md CONTRIBUTING.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/offcut COMPONENT development)
set(debian_packages offcut)
if(OFFCUT_WITH_MPI)
  list(APPEND debian_packages offcut-mpi)
endif()
foreach(package IN LISTS debian_packages)
  string(REGEX REPLACE "^offcut$" "runtime" component ${package})
  string(REGEX REPLACE "^offcut-mpi$" "mpi" component ${component})
  install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
  install(FILES CHANGELOG.md RENAME changelog DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
  install(FILES cmake/debian/changelog RENAME changelog.Debian
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endforeach()

set(OFFCUT_MAINTAINER "The offcut authors <offcut@example.org>" CACHE STRING
    "Maintainer field of Debian packages: who publishes them gives a name and an address")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME offcut)
set(CPACK_PACKAGE_VENDOR "The offcut authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "edge-cloud split-inference simulator that runs the real layer math")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/finish_files.cmake)
set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${OFFCUT_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${PROJECT_HOMEPAGE_URL})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME offcut)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "python3, python3-matplotlib, python3-pandas")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
"offcut reads a neural network (ONNX), finds where to cut it between device,
edge and cloud, runs requests through devices, links and servers, with the
real layer math in the loop, and writes CSV. It compares methods of
partitioning and scheduling, and sizes deployments.")
if(OFFCUT_SIMD AND OFFCUT_HAS_AVX2)
  string(APPEND CPACK_DEBIAN_RUNTIME_DESCRIPTION
"\n.\nThis build needs a processor with AVX2 and FMA. The preset \"package\" builds
for every amd64 processor.")
endif()

if(OFFCUT_WITH_MPI)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS offcut-mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_NAME offcut-mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "offcut (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
  set(CPACK_DEBIAN_MPI_DESCRIPTION
"The module with which \"mpirun offcut sweep\" spreads the runs of a sweep over
machines. Sweeps on one machine do not need it.")
endif()
include(CPack)
