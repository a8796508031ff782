"""Reading a Bitrix24 portal month by month, as fast as its limits allow; knows no browser and no
storage.
"""
