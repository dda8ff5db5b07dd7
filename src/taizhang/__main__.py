"""``python -m taizhang``: the same door as the command ``taizhang``."""

from taizhang.cli import main

if __name__ == "__main__":
    main()
