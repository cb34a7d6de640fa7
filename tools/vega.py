"""Bundle Vega, Vega-Lite and Vega-Embed as vl-convert carries them into the script that pages run.

Run it after vl-convert has changed in constraints.txt: ``python tools/vega.py``; ``--check`` says whether it has to be.
"""

import sys
from pathlib import Path

import vl_convert

SCRIPT = Path(__file__).parents[1] / "corridors" / "report" / "vega.js"
NOTICE = """/*! Vega {vega}, Vega-Lite {vega_lite} and Vega-Embed {vega_embed}, bundled by vl-convert {vl_convert}.
Copyright (c) 2013-2025, University of Washington Interactive Data Lab and contributors. All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the
   following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
   following disclaimer in the documentation and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote
   products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED
WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY
DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,
PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR
OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH
DAMAGE.

D3 and TopoJSON, parts of them: Copyright 2010-2024 Mike Bostock. Permission to use, copy, modify, and/or
distribute this software for any purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS IS" AND THE
AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES
OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS
SOFTWARE.
*/
"""


def bundled() -> str:
    """Return the script with its notice; nothing in it ends a script element."""
    versions = {
        "vl_convert": vl_convert.__version__,
        "vega": vl_convert.get_vega_version(),
        "vega_lite": vl_convert.get_vegalite_versions()[-1],
        "vega_embed": vl_convert.get_vega_embed_version(),
    }
    script: str = vl_convert.javascript_bundle(vl_version=versions["vega_lite"])
    return NOTICE.format(**versions) + script.strip().replace("</script", "<\\/script") + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if SCRIPT.read_text(encoding="utf-8") != bundled():
            sys.exit(f"{SCRIPT} is not what vl-convert {vl_convert.__version__} bundles: run python tools/vega.py")
    else:
        SCRIPT.write_text(bundled(), encoding="utf-8")
